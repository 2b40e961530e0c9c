import { causewayError, problemsOf } from '@causeway/contracts';
import { joinShort } from '@causeway/dag';
import type { z } from 'zod';

/** @throws CausewayError REQUEST_INVALID listing every problem by its path */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const list = problemsOf(parsed.error);
  throw causewayError('REQUEST_INVALID', { problems: joinShort(list, '; '), list });
}

/** @throws CausewayError REQUEST_NOT_JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw causewayError('REQUEST_NOT_JSON', { problem: (error as Error).message }, { cause: error });
  }
}
