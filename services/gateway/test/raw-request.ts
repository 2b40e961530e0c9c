import { connect } from 'node:net';

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Parsed body; empty when it is not JSON. */
  readonly json: { readonly code?: string; readonly detail?: string; readonly request_id?: string };
}

/** Sends these bytes and reads one answer, until the server ends the connection: `text` should ask for that. */
export function sendRaw(url: string, text: string | Buffer): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on('data', (piece) => pieces.push(piece));
    // A server that refuses early resets a connection that is still written to; what it answered before counts.
    socket.on('error', (error) => pieces.length === 0 && reject(error));
    socket.on('close', () => resolve(parseAnswer(Buffer.concat(pieces).toString('utf8'))));
  });
}

/** Sends one request with this request line and these headers, each as it is. */
export function sendLine(
  url: string,
  line: string,
  headers: readonly string[] = [],
  body = '',
): Promise<RawAnswer> {
  const given = headers.some((header) => /^host:/i.test(header)) ? headers : ['host: a.test', ...headers];
  const length = body === '' ? [] : [`content-length: ${Buffer.byteLength(body)}`];
  const head = [`${line} HTTP/1.1`, ...given, ...length, 'connection: close'];
  return sendRaw(url, `${head.join('\r\n')}\r\n\r\n${body}`);
}

function parseAnswer(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
  const body = text.slice(end + 4);
  // A short JSON answer is one chunk or has a length; the object is between its braces.
  const [object = '{}'] = /\{.*\}/s.exec(body) ?? [];
  let json: RawAnswer['json'] = {};
  try {
    json = JSON.parse(object) as RawAnswer['json'];
  } catch {
    // The body is not JSON.
  }
  return { status: Number(first.split(' ')[1]), headers, text: body, json };
}
