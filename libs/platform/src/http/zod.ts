import { causewayError } from '@causeway/contracts';
import type { PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { parseInput } from '../messaging/bus/parse.js';

/**
 * A pipe that parses a part of a request: `@Body(zod(schema))`, `@Query(zod(schema))`.
 *
 * @throws CausewayError REQUEST_INVALID naming every problem by its path; BODY_EMPTY
 */
export function zod<S extends z.ZodType>(schema: S): PipeTransform<unknown, z.output<S>> {
  return {
    transform: (value, { type }) => {
      if (type === 'body' && (value === undefined || value === null) && !schema.safeParse(value).success) {
        throw causewayError('BODY_EMPTY', { expected: 'a JSON object' });
      }
      return parseInput(schema, value);
    },
  };
}
