import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What everything is compared with: a server that answers every request with the same bytes, once it has read it. */
const answer = Buffer.from(process.argv[2] ?? '');
const server = createServer((request, response) => {
  request.resume().once('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());
