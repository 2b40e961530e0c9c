/** Headers of answers that pages of other origins may read. */
export const exposedHeaders: readonly string[] = [
  'x-request-id',
  'x-causeway-run-id',
  'location',
  'retry-after',
  'ratelimit',
  'ratelimit-policy',
];
