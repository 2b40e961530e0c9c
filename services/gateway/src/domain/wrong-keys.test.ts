import { describe, expect, it } from 'vitest';
import { WrongKeys } from './wrong-keys.js';

describe('wrong keys', () => {
  it('are remembered for a second', () => {
    const keys = new WrongKeys();
    keys.note('a', 'here', 0);
    expect([keys.isWrong('a', 999), keys.isWrong('a', 1_000), keys.isWrong('b', 0)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('cost their address its tries, which come back with time; other addresses keep theirs', () => {
    const keys = new WrongKeys();
    for (let n = 0; n < 20; n++) {
      expect(keys.waitMs('here', 0)).toBe(0);
      keys.note(`key ${n}`, 'here', 0);
    }
    expect([keys.waitMs('here', 0), keys.waitMs('here', 400), keys.waitMs('there', 0)]).toEqual([
      500, 100, 0,
    ]);
    expect(keys.waitMs('here', 500)).toBe(0);
    keys.note('another', 'here', 500);
    expect(keys.waitMs('here', 600)).toBe(400);
    expect(keys.waitMs('here', 60_000)).toBe(0);
  });

  it('count once each, however often they come', () => {
    const keys = new WrongKeys();
    for (let n = 0; n < 100; n++) keys.note('the same', 'here', n);
    expect(keys.waitMs('here', 100)).toBe(0);
  });
});
