import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The server for comparison: it reads each request and answers with the same bytes. */
const answer = Buffer.from(process.argv[2] ?? '');
const server = createServer((request, response) => {
  request.resume().once('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());
