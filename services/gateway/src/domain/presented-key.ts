/** The parts of a request that may hold a key. */
export interface Presented {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly query: unknown;
}

/** The key as Langflow's clients send it: header `x-api-key`, or query `x-api-key`. */
export function presentedKey(request: Presented): string | undefined {
  const header = request.headers['x-api-key'];
  if (typeof header === 'string' && header !== '') return header;
  const query = (request.query as Record<string, unknown>)['x-api-key'];
  return typeof query === 'string' && query !== '' ? query : undefined;
}
