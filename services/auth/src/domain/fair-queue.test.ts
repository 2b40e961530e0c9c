import { expect, test } from 'vitest';
import { FairQueue } from './fair-queue.js';

test('whoever waits many times is served once before everybody else', () => {
  const served: string[] = [];
  const queue = new FairQueue();
  const add = (network: string, name: string) => queue.add(network, () => void served.push(name));
  for (let at = 0; at < 20; at += 1) add('flood', `flood ${at}`);
  add('office', 'ada');
  add('home', 'ben');
  add('office', 'chen');
  for (let at = 0; at < 6; at += 1) queue.next()?.();
  expect(served).toEqual(['flood 0', 'ada', 'ben', 'flood 1', 'chen', 'flood 2']);
});

test('a network waits twenty times at most, and others still find room', () => {
  const queue = new FairQueue();
  const flood = Array.from({ length: 60 }, () => queue.add('flood', () => {}));
  expect(flood.filter(Boolean)).toHaveLength(20);
  expect(queue.add('office', () => {})).toBe(true);
});

test('no more than a thousand wait, and room is free again once they are served', () => {
  const queue = new FairQueue();
  const added = Array.from({ length: 1_100 }, (_, at) => queue.add(`n${at}`, () => {}));
  expect(added.filter(Boolean)).toHaveLength(1_000);
  queue.next();
  expect(queue.add('late', () => {})).toBe(true);
  for (let at = 0; at < 1_000; at += 1) expect(queue.next()).toBeDefined();
  expect(queue.next()).toBeUndefined();
});
