import { z } from 'zod';

/** 32 hexadecimal digits with the hyphens of an id, in lower case; any other text is returned as it is. */
export function hyphenated(text: string): string {
  if (!/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text)) return text;
  const digits = text.replaceAll('-', '').toLowerCase();
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** An id as callers write it: with or without hyphens, in upper or lower case. Parsing gives the stored form. */
export const Id = z.string().overwrite(hyphenated).check(z.uuid());
