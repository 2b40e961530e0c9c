import { expect, test } from 'vitest';
import { findInternalPort, refuseServiceSettings } from './check-settings.js';

test('a setting that only one service can have is refused with what to set instead', () => {
  expect(() => refuseServiceSettings({ CAUSEWAY_DATABASE_URL: '' })).not.toThrow();
  expect(() => refuseServiceSettings({ CAUSEWAY_DATABASE_URL: 'postgresql://p' })).toThrow(
    /^CAUSEWAY_DATABASE_URL is set, but .* set CAUSEWAY_POSTGRES_URL; unset CAUSEWAY_DATABASE_URL$/,
  );
});

test('a drain that a stop would interrupt is refused, and the error names the longest possible one', () => {
  expect(() => refuseServiceSettings({ CAUSEWAY_DRAIN_TIMEOUT_MS: '25000' })).not.toThrow();
  expect(() => refuseServiceSettings({ CAUSEWAY_DRAIN_TIMEOUT_MS: '60000' })).toThrow(
    /^CAUSEWAY_DRAIN_TIMEOUT_MS is 60000, but .* set at most 25000$/,
  );
});

test('the internal ports begin where the setting says, or are any', () => {
  expect(findInternalPort({ CAUSEWAY_INTERNAL_PORT: '9100' })).toBe(9100);
  for (const any of [undefined, '', '0'])
    expect(findInternalPort({ CAUSEWAY_INTERNAL_PORT: any })).toBeUndefined();
  for (const bad of ['x', '-1', '65500'])
    expect(() => findInternalPort({ CAUSEWAY_INTERNAL_PORT: bad })).toThrow(
      `CAUSEWAY_INTERNAL_PORT is "${bad}"`,
    );
});
