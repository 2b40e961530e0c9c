import { randomUUID } from 'node:crypto';
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import type { HostCalls } from './host-calls.js';

interface Closable {
  readonly calls: HostCalls;
  close(): Promise<void>;
}

/**
 * Vitest calls this once per run. It starts only an endpoint at which test files request servers, and no server: a run of
 * pure tests starts nothing more, and needs no build.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  let servers: Promise<Closable> | undefined;
  const secret = `/${randomUUID()}`;
  // A test file that blocks its event loop, as a build does, sends its next request on a connection that was idle for long.
  const door = createServer({ keepAliveTimeout: 0 }, async (request, response) => {
    if (request.url !== secret) return void response.writeHead(404).end();
    try {
      const { call, argument } = JSON.parse(await textOf(request)) as {
        call: keyof HostCalls;
        argument: never;
      };
      // This imports the built package, not the source file, and only when servers are needed.
      servers ??= import('@causeway/testing/host').then(({ TestServers }) => new TestServers());
      const answer = await (await servers).calls[call](argument);
      response.end(JSON.stringify({ answer }));
    } catch (error) {
      response.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
    }
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const { port } = door.address() as AddressInfo;
  project.provide('causewayTestHost', `http://127.0.0.1:${port}${secret}`);
  return async () => {
    door.closeAllConnections();
    door.close();
    await (await servers)?.close();
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}
