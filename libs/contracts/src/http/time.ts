import { z } from 'zod';

/** A time in a request, of the years 1900 to 9999: Postgres does not know all that ISO 8601 can write, and a range may reach back from it. */
export const Time = z.iso.datetime({ offset: true }).refine((text) => {
  const year = new Date(text).getUTCFullYear();
  return year >= 1900 && year <= 9999;
}, 'must be a time between the years 1900 and 9999');
