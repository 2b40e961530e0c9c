import type { PipeTransform } from '@nestjs/common';
import type { z } from 'zod';

/**
 * A pipe that parses what a request carries: `@Body(zod(schema))`, `@Query(zod(schema))`.
 *
 * @throws CausewayError REQUEST_INVALID naming every problem by its path; BODY_EMPTY
 */
export function zod<S extends z.ZodType>(_schema: S): PipeTransform<unknown, z.output<S>> {
  throw new Error('not yet');
}
