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
