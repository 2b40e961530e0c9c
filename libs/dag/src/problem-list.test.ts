import { describe, expect, it } from 'vitest';
import { compileFlow } from './compile/compile-flow.js';
import { CausewayError } from './errors.js';
import { parseFlowFile } from './file/parse-flow-file.js';
import { type Problem, ProblemCode } from './problem.js';
import { ProblemList } from './problem-list.js';
import { joinShort, shortText } from './short-text.js';
import { testCatalogue } from './testing/test-catalogue.js';

function problem(severity: Problem['severity'], more: Partial<Problem> = {}): Problem {
  return { code: ProblemCode.nodeInvalid, severity, message: 'm', remedy: 'r', nodes: ['n'], ...more };
}
const many = (count: number, one: Problem): Problem[] => Array.from({ length: count }, () => one);
function listed(...problems: Problem[]): Problem[] {
  const list = new ProblemList();
  list.addAll(problems);
  return list.toArray();
}

describe('a list of problems', () => {
  it('keeps a hundred and counts the rest', () => {
    const list = listed(...many(250, problem('warning')));
    expect(list).toHaveLength(101);
    expect(list.at(-1)).toMatchObject({ severity: 'warning', message: expect.stringContaining('150 more') });
  });

  it('counts what other lists have left out', () => {
    const list = listed(...listed(...many(300, problem('warning'))), ...many(50, problem('warning')));
    expect(list.at(-1)?.message).toContain('250 more');
  });

  it('keeps blocking problems before warnings', () => {
    const list = listed(...many(150, problem('warning')), ...many(100, problem('blocking')));
    expect(list.filter(({ severity }) => severity === 'blocking')).toHaveLength(100);
    expect(list.at(-1)).toMatchObject({ severity: 'warning', message: expect.stringContaining('150 more') });
  });

  it('blocks the whole flow when a blocking problem is left out', () => {
    const list = listed(...many(101, problem('blocking')));
    expect(list.at(-1)).toMatchObject({ severity: 'blocking', nodes: [] });
  });

  it('cuts texts, and lets a problem with too many nodes concern the whole flow', () => {
    const long = 'x'.repeat(1_000_000);
    const [one] = listed(problem('blocking', { message: long, remedy: long, field: long, nodes: [long] }));
    expect(JSON.stringify(one).length).toBeLessThan(5_000);
    expect(one?.nodes).toEqual([]);
    const ids = Array.from({ length: 1_001 }, (_, at) => `n${at}`);
    expect(listed(problem('blocking', { nodes: ids }))[0]?.nodes).toEqual([]);
  });
});

describe('a file with very many problems', () => {
  const catalogue = testCatalogue;

  it.each([
    ['entries that are no nodes', { nodes: Array.from({ length: 200_000 }, () => 1), edges: [] }],
    ['edges without nodes', { nodes: [], edges: Array.from({ length: 200_000 }, () => ({ source: 'a' })) }],
    [
      'a node with forbidden outputs',
      {
        nodes: [
          {
            id: 'a',
            data: {
              type: 'T',
              node: { template: {}, outputs: Array.from({ length: 200_000 }, () => ({ name: '__proto__' })) },
            },
          },
        ],
        edges: [],
      },
    ],
    ['a node of a long name', { nodes: [{ id: 'x'.repeat(5_000_000), data: {} }], edges: [] }],
  ])('of %s is reported in a few kilobytes', (_name, data) => {
    const { flows, problems } = parseFlowFile({ data });
    expect(JSON.stringify(problems).length).toBeLessThan(100_000);
    for (const flow of flows)
      expect(JSON.stringify(compileFlow(flow, catalogue).problems).length).toBeLessThan(100_000);
  });
});

describe('an error', () => {
  it('has a bounded text and bounded details, and is cut once', () => {
    const long = 'x'.repeat(1_000_000);
    const list = Array.from({ length: 10_000 }, () => long.slice(0, 1_000));
    const error = new CausewayError('INTERNAL', long, {
      details: { long, list, deep: { list }, runId: 'r' },
    });
    const size = JSON.stringify([error.message, error.details]).length;
    expect(size).toBeLessThan(60_000);
    expect(error.message).toMatch(/^x{7000}.*… \(\d+ more characters\)$/s);
    expect(error.details['runId']).toBe('r');
    const again = new CausewayError(error.code, error.message, { details: { ...error.details } });
    expect([again.message, again.details]).toEqual([error.message, error.details]);
  });
});

describe('a short text', () => {
  it('is not cut inside a character', () => {
    for (const most of [100, 101]) expect(shortText('😀'.repeat(100), most).isWellFormed()).toBe(true);
  });
  it('of many says how many are left out', () => {
    expect(joinShort(['a', 'b', 'c'], ', ', 2)).toBe('a, b, and 1 more');
  });
});
