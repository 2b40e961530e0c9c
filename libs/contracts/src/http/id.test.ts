import { expect, it, test } from 'vitest';
import { z } from 'zod';
import { Id } from './id.js';
import { routes } from './routes.js';

const stored = '01a223f9-3d27-70de-bb08-deb701916e43';

it.each([stored, stored.replaceAll('-', ''), stored.toUpperCase(), stored.replaceAll('-', '').toUpperCase()])(
  '%s is parsed to its stored form',
  (written) => {
    expect(Id.parse(written)).toBe(stored);
  },
);

it.each(['', 'hello', stored.slice(1), `${stored}0`, stored.replace('-70de', '-00de'), 7, null])(
  '%j is no id',
  (written) => {
    expect(Id.safeParse(written).success).toBe(false);
  },
);

const fields = routes.flatMap(({ method, path, params, query, body }) =>
  [params, query, body].flatMap((part) => {
    const shape = part instanceof z.ZodObject ? Object.entries(part.shape) : [];
    return shape
      .filter(([name]) => /(^|_)id$|Id$/.test(name) && name !== 'sessionId' && !name.endsWith('session_id'))
      .map(([name, schema]) => [`${method} ${path}`, name, schema as z.ZodType] as const);
  }),
);

test.each(fields)('%s accepts %s without hyphens', (_route, _name, schema) => {
  expect(schema.parse(stored.replaceAll('-', ''))).toBe(stored);
});
