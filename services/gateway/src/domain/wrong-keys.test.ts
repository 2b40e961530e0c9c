import { describe, expect, it } from 'vitest';
import { WrongKeys } from './wrong-keys.js';

describe('wrong keys', () => {
  it('are kept for a second', () => {
    const keys = new WrongKeys();
    keys.note('a', 0);
    expect([keys.isWrong('a', 999), keys.isWrong('a', 1_000), keys.isWrong('b', 0)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('use up the tries of their address, which come back with time; other addresses keep theirs', () => {
    const keys = new WrongKeys();
    for (let n = 0; n < 20; n++) expect(keys.take('here', 0)).toBe(0);
    expect([keys.take('here', 0), keys.take('here', 400), keys.take('there', 0)]).toEqual([500, 100, 0]);
    expect([keys.take('here', 500), keys.take('here', 600)]).toEqual([0, 400]);
    expect(keys.take('here', 60_000)).toBe(0);
  });

  it('alone use up a try: a try that is given back can be used again, once', () => {
    const keys = new WrongKeys();
    keys.giveBack('here', 0);
    for (let n = 0; n < 20; n++) keys.take('here', 0);
    keys.giveBack('here', 0);
    expect([keys.take('here', 0), keys.take('here', 0)]).toEqual([0, 500]);
  });
});
