import type { Call } from './call.js';

/** Rests up to this size are read and thrown away, so that the connection serves the next request. */
const DRAINED_BYTES = 64 * 1024 ** 2;

/** Leaves a multipart body that is refused in its middle. A long or endless rest costs the caller the connection. */
export function abandonBody({ request, reply }: Call): void {
  const { raw } = request;
  if (raw.complete) return;
  const bytes = Number(request.headers['content-length'] ?? Infinity);
  raw.unpipe();
  raw.resume();
  if (bytes > DRAINED_BYTES) {
    reply.header('connection', 'close');
    reply.raw.once('finish', () => raw.destroy());
  }
}
