import { describe, expect, it } from 'vitest';
import { ExpiringMap } from './expiring-map.js';

describe('ExpiringMap', () => {
  it('drops an entry when its time is over', () => {
    const map = new ExpiringMap<string>(10, 100);
    map.set('a', 'x', 0);
    expect(map.get('a', 99)).toBe('x');
    expect(map.get('a', 100)).toBeUndefined();
  });

  it('keeps nothing in memory whose time is over, once something new comes', () => {
    const map = new ExpiringMap<number>(10, 100);
    for (const [at, key] of ['a', 'b', 'c', 'd'].entries()) map.set(key, at, at * 40);
    expect(map.size).toBe(3);
    map.set('b', 5, 130);
    expect([map.size, map.get('b', 139), map.get('c', 139), map.get('d', 139)]).toEqual([3, 5, 2, 3]);
    map.set('e', 6, 1_000);
    expect(map.size).toBe(1);
  });

  it('drops the entry that was set longest ago when it is full', () => {
    const map = new ExpiringMap<number>(2, 100);
    map.set('a', 1, 0);
    map.set('b', 2, 0);
    map.set('a', 3, 0);
    map.set('c', 4, 0);
    expect([map.get('a', 1), map.get('b', 1), map.get('c', 1)]).toEqual([3, undefined, 4]);
  });

  it('drops the entries that a predicate selects', () => {
    const map = new ExpiringMap<number>(10, 100);
    map.set('a', 1, 0);
    map.set('b', 2, 0);
    map.deleteWhere((value) => value === 1);
    expect([map.get('a', 1), map.get('b', 1)]).toEqual([undefined, 2]);
  });
});
