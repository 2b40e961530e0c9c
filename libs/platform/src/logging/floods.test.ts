import { describe, expect, it } from 'vitest';
import { Floods } from './floods.js';

const rules = { coarse: (sample: string) => ({ key: 'all', sample: `others, such as ${sample}` }) };

/** Adds so many equal items at one time. @returns how many of them are reported one by one */
function addAll(floods: Floods<string>, key: string, many: number, nowMs: number): number {
  return Array.from({ length: many }, () => floods.add(key, `sample of ${key}`, nowMs)).filter(Boolean)
    .length;
}

describe('a flood', () => {
  it('has ten items a minute that are reported one by one, and the rest counted once', () => {
    const floods = new Floods<string>(rules);
    expect(addAll(floods, 'a', 60, 0)).toBe(10);
    expect(floods.takeDue(1_000)).toEqual([]);
    expect(floods.takeDue(5_000)).toEqual([{ sample: 'sample of a', count: 50 }]);
    expect(floods.takeDue(20_000)).toEqual([]);
    expect(addAll(floods, 'a', 7, 21_000)).toBe(0);
    expect(floods.takeDue(21_000)).toEqual([{ sample: 'sample of a', count: 7 }]);
  });

  it('is over after a minute, with nothing left out', () => {
    const floods = new Floods<string>(rules);
    addAll(floods, 'a', 12, 0);
    floods.takeDue(58_000);
    addAll(floods, 'a', 3, 59_000);
    expect(floods.takeDue(60_000)).toEqual([{ sample: 'sample of a', count: 3 }]);
    expect(floods.isEmpty).toBe(true);
    expect(addAll(floods, 'a', 2, 61_000)).toBe(2);
  });

  it('of too many kinds is counted together, and nothing is left out', () => {
    const floods = new Floods<string>({ ...rules, mostFloods: 2 });
    const told = ['a', 'b', 'c', 'd', 'e'].map((key) => addAll(floods, key, 20, 0));
    expect(told).toEqual([10, 10, 0, 0, 0]);
    expect(floods.takeDue(Infinity).map(({ count }) => count)).toEqual([10, 10, 60]);
  });

  it('does not affect other kinds', () => {
    const floods = new Floods<string>(rules);
    addAll(floods, 'a', 11, 0);
    expect(addAll(floods, 'b', 3, 0)).toBe(3);
    expect(floods.takeDue(Infinity)).toEqual([{ sample: 'sample of a', count: 1 }]);
    expect(floods.isEmpty).toBe(true);
  });
});
