import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How long a person may take. */
const WAIT_MS = 300_000;
const PATH = '/back';

/** An address of this machine to which one browser comes back. Source: RFC 8252, 7.3. */
export interface Awaited {
  readonly redirectUri: string;
  /** The address with which the browser comes back. @throws Error when it does not within five minutes */
  readonly arrived: Promise<URL>;
}

/** Waits for a browser on a free port of this machine. */
export async function waitForBrowser(): Promise<Awaited> {
  const arrival = Promise.withResolvers<URL>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const isRight = request.method === 'GET' && url.pathname === PATH;
    response.writeHead(isRight ? 200 : 404, {
      'content-type': 'text/plain; charset=utf-8',
      connection: 'close',
    });
    response.end(
      isRight ? 'You can close this page and go back to your terminal.\n' : 'There is nothing here.\n',
    );
    if (isRight) arrival.resolve(url);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const timer = setTimeout(() => arrival.reject(new Error('nobody allowed it within five minutes')), WAIT_MS);
  const arrived = arrival.promise
    .then(({ pathname, search }) => new URL(pathname + search, origin))
    .finally(() => {
      clearTimeout(timer);
      server.close();
    });
  return { redirectUri: origin + PATH, arrived };
}
