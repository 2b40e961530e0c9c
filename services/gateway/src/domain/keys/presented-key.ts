/** The parts of a request that may hold a key. */
export interface Presented {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly query: unknown;
}

/** The header, or the member of the query, that holds the key. */
export const KEY_MEMBER = 'x-api-key';

/** The key as Langflow's clients send it: header `x-api-key`, or query `x-api-key`. */
export function presentedKey(request: Presented): string | undefined {
  const header = request.headers[KEY_MEMBER];
  if (typeof header === 'string' && header !== '') return header;
  const query = (request.query as Record<string, unknown>)[KEY_MEMBER];
  return typeof query === 'string' && query !== '' ? query : undefined;
}

/** The access token as programs send it. Source: RFC 6750, 2.1. */
export function presentedToken({ headers }: Pick<Presented, 'headers'>): string | undefined {
  const { authorization } = headers;
  return typeof authorization === 'string' ? /^bearer +(\S+) *$/i.exec(authorization)?.[1] : undefined;
}
