import { createServer } from 'node:net';

/** A free port of 127.0.0.1: the requested one when it is free, else any. */
export async function freePort(wished = 0): Promise<number> {
  const { port } = await tryPort(wished);
  return port ?? freePort();
}

/** The reason why a port cannot be used; undefined when it can. */
export async function findPortProblem(port: number, host: string): Promise<string | undefined> {
  const { code, port: free } = await tryPort(port, host);
  if (free !== undefined) return undefined;
  if (code === 'EADDRINUSE') return 'is taken by another program';
  return `cannot be used at ${host} (${code})`;
}

function tryPort(port: number, host = '127.0.0.1'): Promise<{ port?: number; code?: string }> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', ({ code = '' }: NodeJS.ErrnoException) => resolve({ code }));
    probe.listen({ port, host, exclusive: true }, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? { port: address.port } : {}));
    });
  });
}
