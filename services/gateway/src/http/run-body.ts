import { RunBody, causewayError } from '@causeway/contracts';
import type { z } from 'zod';
import type { Call } from './call.js';
import { parsePart } from './serve.js';

/** Form fields that hold JSON. */
const jsonFields = new Set(['tweaks']);

/** Reads a run's body from a multipart form: one text field per key, `tweaks` as JSON. */
export async function readRunForm({ request }: Call): Promise<z.infer<typeof RunBody>> {
  const fields = new Map<string, unknown>();
  for await (const part of request.parts()) {
    if (part.type === 'file')
      throw causewayError('REQUEST_INVALID', {
        problems: `body.${part.fieldname}: a run takes no file; upload it first and name its path in a tweak`,
      });
    fields.set(
      part.fieldname,
      jsonFields.has(part.fieldname) ? parseField(part.fieldname, part.value) : part.value,
    );
  }
  return parsePart(RunBody, Object.fromEntries(fields), 'body') as z.infer<typeof RunBody>;
}

function parseField(name: string, value: unknown): unknown {
  try {
    return JSON.parse(String(value));
  } catch (error) {
    throw causewayError('REQUEST_INVALID', {
      problems: `body.${name}: not JSON: ${(error as SyntaxError).message.slice(0, 200)}`,
    });
  }
}
