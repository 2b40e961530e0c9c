import { readFileSync } from 'node:fs';
import { request as send } from 'node:https';
import { Readable } from 'node:stream';

/**
 * `fetch` for a server of this machine, which trusts exactly the certificate that the server was given as a file, whoever has signed it and
 * whatever its names are: a company's certificate is not for 127.0.0.1. The global `fetch` has no such option.
 */
export function pinnedFetch(certFile: string): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const body = Buffer.from(await request.arrayBuffer());
    return new Promise<Response>((resolve, reject) => {
      const sent = send(
        request.url,
        {
          method: request.method,
          headers: { ...Object.fromEntries(request.headers), 'content-length': body.length },
          signal: request.signal,
          ca: readFileSync(certFile),
          allowPartialTrustChain: true,
          checkServerIdentity: () => undefined,
        },
        (answer) => {
          const { statusCode: status = 0, statusMessage: statusText = '' } = answer;
          const headers = new Headers();
          for (const [name, values = []] of Object.entries(answer.headersDistinct))
            for (const value of values) headers.append(name, value);
          const isEmpty = status === 204 || status === 304;
          if (isEmpty) answer.resume();
          const content = isEmpty ? null : (Readable.toWeb(answer) as ReadableStream);
          resolve(new Response(content, { status, statusText, headers }));
        },
      );
      // As the global `fetch` reports it: the reason is the cause.
      sent.on('error', (cause) =>
        reject(request.signal.aborted ? cause : new TypeError('fetch failed', { cause })),
      );
      sent.end(body);
    });
  };
}

/** The function with which to ask a copy of this machine. @param certFile its certificate, when it speaks HTTPS */
export function fetchOf(certFile: string | undefined): typeof fetch {
  return certFile === undefined ? fetch : pinnedFetch(certFile);
}
