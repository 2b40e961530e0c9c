import { expect, test } from 'vitest';
import { parseHours, parseId, parseLimit, parsePermissions, parseStatus, parseTweaks } from './arguments.js';

test('valid arguments are used unchanged', () => {
  const id = '01a20ae6-f642-7667-8a2a-73ab438460bb';
  expect(parseId('run', id)).toBe(id);
  expect(parseLimit('500')).toBe(500);
  expect(parseHours('--overlap', '0.5')).toBe(0.5);
  expect(parseStatus('timed_out')).toBe('timed_out');
  expect(parsePermissions('flow:run, run:read')).toEqual(['flow:run', 'run:read']);
  expect(parseTweaks('{"a":{"b":1}}')).toEqual({ a: { b: 1 } });
});

test.each([
  [() => parseId('run', 'abc'), /^"abc" is not the id of a run; see: npx causeway runs$/],
  [() => parseId('key', 'abc'), /^"abc" is not the id of a key; see: npx causeway keys, or /],
  [() => parseLimit('0'), /^--limit 0 is not a whole number from 1 to 500$/],
  [() => parseLimit('ten'), /^--limit ten is not/],
  [() => parseHours('--overlap', '-1'), /^--overlap -1 is not a number of hours from 0 to 720$/],
  [() => parseHours('--overlap', '721'), /^--overlap 721 is not/],
  [() => parseStatus('done'), /^--status done is not a state of a run; the states are .*succeeded/],
  [
    () => parsePermissions('flow:run,fly'),
    /^--permissions: there is no "fly"; the permissions are flow:read, .*organisation:write$/,
  ],
  [() => parseTweaks('{'), /^--tweaks is not JSON: .*; write a JSON object, such as/],
  [() => parseTweaks('[]'), /^--tweaks is JSON, but not an object: write a JSON object/],
  [() => parseTweaks('null'), /not an object/],
])('the error for an invalid argument names the argument and its possible values', (parse, told) => {
  expect(parse).toThrow(told);
});
