import { causewayError } from '@causeway/contracts';
import { describe, expect, it } from 'vitest';
import { WrongKeys } from './wrong-keys.js';

describe('wrong keys', () => {
  it('are kept for a second', () => {
    const keys = new WrongKeys();
    const refusal = causewayError('KEY_INVALID', {});
    keys.note('a', refusal, 0);
    expect([keys.findRefusal('a', 999), keys.findRefusal('a', 1_000), keys.findRefusal('b', 0)]).toEqual([
      refusal,
      undefined,
      undefined,
    ]);
  });

  it('are kept without the error itself, which keeps its stack', () => {
    const keys = new WrongKeys();
    const refusal = causewayError('KEY_UNUSABLE', { reason: 'its holder is disabled' });
    keys.note('a', refusal, 0);
    const found = keys.findRefusal('a', 1);
    expect(found).not.toBe(refusal);
    expect(found).toMatchObject({ code: refusal.code, message: refusal.message, details: refusal.details });
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

  it('can be given more tries at once; they come back as slowly', () => {
    const keys = new WrongKeys({ atOnce: 100 });
    for (let n = 0; n < 100; n++) expect(keys.take('here', 0)).toBe(0);
    expect([keys.take('here', 0), keys.take('here', 500), keys.take('here', 500)]).toEqual([500, 0, 500]);
    // All of them are back after 50 seconds.
    for (let n = 0; n < 100; n++) expect(keys.take('here', 60_000)).toBe(0);
    expect(keys.take('here', 60_000)).toBeGreaterThan(0);
  });
});
