import { z } from 'zod';

/** A setting that is a list: texts separated by commas, without the white space around them; empty ones are left out. */
export const commaSeparated = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );
