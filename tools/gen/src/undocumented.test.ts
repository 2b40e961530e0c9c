import { expect, test } from 'vitest';
import { findUndocumented } from './undocumented.js';

const page =
  '| variable | what it does |\n|---|---|\n| `CAUSEWAY_HOME` | Folder. |\nCAUSEWAY_LOST is mentioned.\n';

test('a setting that code names and no table has is found, with a file that names it', () => {
  const sources = new Map([
    ['a.ts', "process.env['CAUSEWAY_HOME'] || process.env['CAUSEWAY_LOST']"],
    ['b.ts', 'say("set CAUSEWAY_LOST"); const { CHECK_S3_BUCKET: bucket } = process.env;'],
    ['c.ts', '/^(CAUSEWAY_\\w+|OTEL_\\w+)$/; `CAUSEWAY_${key}`; MY_CAUSEWAY_X'],
  ]);
  expect(findUndocumented(sources, [page])).toEqual([
    { name: 'CAUSEWAY_LOST', file: 'a.ts' },
    { name: 'CHECK_S3_BUCKET', file: 'b.ts' },
  ]);
});
