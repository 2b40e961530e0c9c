import { z } from 'zod';

/** A time in a request, of the years 1 to 9999: what else ISO 8601 can write, Postgres refuses. */
export const Time = z.iso.datetime({ offset: true }).refine((text) => {
  const year = new Date(text).getUTCFullYear();
  return year >= 1 && year <= 9999;
}, 'must be a time between the years 1 and 9999');
