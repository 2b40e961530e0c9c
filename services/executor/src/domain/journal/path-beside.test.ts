import { describe, expect, it } from 'vitest';
import { pathBeside } from './path-beside.js';

const node = (path: string) => ({ path });
const plan = {
  nodes: { model: node('model'), out: node('group/out'), after: node('after') },
  cycles: [['model', 'out']],
} as never;

describe('the path of a node beside a step', () => {
  it('is in the same iterations as the step', () => {
    expect(pathBeside('model', plan, 'after')).toBe('after');
    expect(pathBeside('Loop[3]/model', plan, 'out')).toBe('Loop[3]/group/out');
  });

  it('differs on each round of a cycle, and is one for all rounds behind the cycle', () => {
    expect(pathBeside('model#2', plan, 'out')).toBe('group/out#2');
    expect(pathBeside('model#3', plan, 'out')).toBe('group/out#3');
    expect(pathBeside('model#3', plan, 'after')).toBe('after');
  });
});
