import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BootedService, bootService } from '@causeway/platform/testing';

/** Starts the built gateway on free ports; settles when it is ready. */
export function startGateway(
  natsUrl: string,
  environment: Record<string, string> = {},
): Promise<BootedService> {
  return bootService(new URL('../dist/main.js', import.meta.url), {
    CAUSEWAY_NATS_URL: natsUrl,
    CAUSEWAY_HTTP_PORT: '0',
    CAUSEWAY_MASTER_KEY: randomBytes(32).toString('base64'),
    CAUSEWAY_OBJECT_STORE: mkdtempSync(join(tmpdir(), 'gateway-')),
    ...environment,
  });
}

/** The memory that the gateway counts now, by its metrics. */
export async function countedBytes({ lines }: BootedService): Promise<{ bodies: number; answers: number }> {
  const port = /"internalPort":(\d+)/.exec(lines.join('\n'))?.[1];
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const read = (name: string): number =>
    Number(
      new RegExp(`^causeway_gateway_${name}_bytes(?:\\{.*\\})? (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN,
    );
  return { bodies: read('bodies'), answers: read('answers') };
}
