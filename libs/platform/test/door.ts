import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

/** A proxy to a server that can refuse connections, or stop sending data. */
export interface Door {
  readonly url: string;
  /** Sets whether it passes data on. */
  set(state: 'open' | 'refuse' | 'silent'): Promise<void>;
  close(): Promise<void>;
}

export async function openDoor(target: string): Promise<Door> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let state: 'open' | 'refuse' | 'silent' = 'open';
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  };
  const server: Server = createServer((socket) => {
    keep(socket);
    if (state === 'silent') return;
    const behind = connect(Number(port), hostname);
    keep(behind);
    const forward = (to: Socket) => (chunk: Buffer) => {
      if (state !== 'silent') to.write(chunk);
    };
    socket.on('data', forward(behind)).on('close', () => behind.destroy());
    behind.on('data', forward(socket)).on('close', () => socket.destroy());
  });
  const listen = (at: number): Promise<void> =>
    new Promise((resolve) => server.listen(at, '127.0.0.1', resolve));
  await listen(0);
  const own = (server.address() as AddressInfo).port;
  const shut = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  const url = new URL(target);
  url.host = `127.0.0.1:${own}`;
  return {
    url: url.href,
    set: async (next) => {
      if (state === 'refuse' && next !== 'refuse') await listen(own);
      if (state !== 'refuse' && next === 'refuse') await shut();
      state = next;
    },
    close: async () => {
      if (state !== 'refuse') await shut();
    },
  };
}
