import { startCpuClock } from '@causeway/testing';
import { describe, expect, it } from 'vitest';
import { parseJsonIn } from './parse-json-in.js';

describe('parseJsonIn', () => {
  it.each([
    ['bare', '{"a":1}', { a: 1 }],
    ['in a fence', 'Sure:\n```json\n[1]\n```\nDone.', [1]],
    ['in a fence without a name', '``` {"a":1} ```', { a: 1 }],
    ['among words', 'It is {"a":1}, I think.', { a: 1 }],
    ['nowhere', 'no idea ```', undefined],
    ['no list or object', '```json\n7\n```', undefined],
  ])('finds JSON that is %s', (_where, text, found) => {
    expect(parseJsonIn(text)).toEqual(found);
  });

  it('gives up a fence that is never closed in linear time', () => {
    const cpuMs = startCpuClock();
    expect(parseJsonIn(`\`\`\`json${' '.repeat(500_000)}{`)).toBeUndefined();
    expect(cpuMs()).toBeLessThan(5_000);
  });
});
