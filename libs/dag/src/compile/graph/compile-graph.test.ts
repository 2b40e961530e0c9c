import { describe, expect, test } from 'vitest';
import { compileFlow } from '../compile-flow.js';
import type { Plan } from '../../plan.js';
import { testCatalogue } from '../../testing/test-catalogue.js';
import { testFlow } from '../../testing/test-flow.js';

function compile(nodes: Parameters<typeof testFlow>[0], edges: string[]): Plan {
  return compileFlow(testFlow({ in: 'ChatInput', ...nodes, out: 'ChatOutput' }, edges), testCatalogue);
}

function steps(...ids: string[]): Record<string, string> {
  return Object.fromEntries(ids.map((id) => [id, 'Step']));
}

function feedback(plan: Plan): string[] {
  return plan.edges.filter((edge) => edge.feedback).map((edge) => `${edge.source} > ${edge.target}`);
}

describe('a loop', () => {
  const loop = { l: 'LoopComponent', ...steps('a', 'b') };
  const edges = [
    'in.message > l.data',
    'l.item > a.a',
    'a.text > b.a',
    'b.text > l.item',
    'l.done > out.input_value',
  ];

  test('has a body from Item to its feedback edge, which no node waits for', () => {
    const plan = compile(loop, edges);
    expect(plan.problems).toEqual([]);
    expect(plan.loops).toEqual({
      l: { body: ['a', 'b'], item: 'item', feedback: { source: 'b', output: 'text' } },
    });
    expect(feedback(plan)).toEqual(['b > l']);
    expect(plan.cycles).toEqual([]);
    expect(plan.order).toEqual(['in', 'l', 'a', 'b', 'out']);
  });

  test('contains nodes that serve only its body, but no input node', () => {
    const plan = compile({ ...loop, ...steps('p', 'q') }, [
      ...edges,
      'p.text > q.a',
      'q.text > b.b',
      'in.message > a.b',
    ]);
    expect(plan.loops['l']?.body).toEqual(['a', 'p', 'q', 'b']);
  });

  test('omits nodes that also serve others', () => {
    const plan = compile({ ...loop, ...steps('p', 'x') }, [...edges, 'p.text > b.b', 'p.text > x.a']);
    expect(plan.loops['l']?.body).toEqual(['a', 'b']);
    expect(plan.order.indexOf('p')).toBeLessThan(plan.order.indexOf('l'));
  });

  test('repeats side branches of its body too', () => {
    const plan = compile({ ...loop, ...steps('side') }, [...edges, 'b.text > side.a']);
    expect(plan.loops['l']?.body).toEqual(['a', 'b', 'side']);
  });

  test('whose body has an edge to a later node gets a problem: the edge is not followed', () => {
    const plan = compile({ ...loop, ...steps('after') }, [...edges, 'l.done > after.a', 'b.text > after.b']);
    expect(plan.problems).toMatchObject([
      { code: 'EDGE_INVALID', severity: 'warning', nodes: ['b', 'after'] },
    ]);
    expect(plan.edges).not.toContainEqual(expect.objectContaining({ source: 'b', target: 'after' }));
  });

  test('without a feedback edge is named', () => {
    const plan = compile(
      loop,
      edges.filter((edge) => edge !== 'b.text > l.item'),
    );
    expect(plan.problems).toMatchObject([{ code: 'EDGE_INVALID', severity: 'blocking', nodes: ['l'] }]);
  });

  test('that gets its result from a node outside of its body is named', () => {
    const plan = compile({ ...loop, ...steps('x') }, [
      ...edges.slice(0, 3),
      'in.message > x.a',
      'x.text > l.item',
      'x.text > out.input_value',
    ]);
    expect(plan.problems).toMatchObject([{ code: 'EDGE_INVALID', severity: 'blocking', nodes: ['l', 'x'] }]);
  });

  test('in a loop has a body inside the other one', () => {
    const plan = compile({ ...loop, inner: 'LoopComponent', ...steps('c') }, [
      'in.message > l.data; l.item > a.a; a.text > inner.data; inner.item > c.a',
      'c.text > inner.item',
      'inner.done > b.a; b.text > l.item; l.done > out.input_value',
    ]);
    expect(plan.problems).toEqual([]);
    expect(plan.loops['l']?.body).toEqual(['a', 'inner', 'c', 'b']);
    expect(plan.loops['inner']).toEqual({
      body: ['c'],
      item: 'item',
      feedback: { source: 'c', output: 'text' },
    });
  });

  test('sharing nodes with a loop beside it is named', () => {
    const plan = compile({ ...loop, m: 'LoopComponent' }, [
      ...edges,
      'in.message > m.data',
      'm.item > a.b',
      'a.text > m.item',
    ]);
    expect(plan.problems.map((problem) => problem.code)).toContain('EDGE_INVALID');
    expect(plan.problems.some((problem) => problem.severity === 'blocking')).toBe(true);
  });

  test('and another whose bodies wait for each other are named', () => {
    const plan = compile({ ...loop, m: 'LoopComponent', ...steps('c') }, [
      ...edges.slice(0, 4),
      'in.message > m.data; m.item > c.a; c.text > m.item; l.done > c.b; m.done > a.b',
      'm.done > out.input_value',
    ]);
    const cycles = plan.problems
      .filter((problem) => problem.code === 'CYCLE')
      .map((problem) => problem.nodes);
    expect(cycles).toContainEqual(['l', 'm']);
  });
});

describe('a cycle', () => {
  test('through a router has its feedback edge where it is entered', () => {
    const plan = compile({ ...steps('a', 'b'), r: 'ConditionalRouter' }, [
      'in.message > a.a; a.text > b.a; b.text > r.input_text',
      'r.false_result > a.b; r.true_result > out.input_value',
    ]);
    expect(plan.problems).toEqual([]);
    expect(plan.cycles).toEqual([['a', 'b', 'r']]);
    expect(feedback(plan)).toEqual(['r > a']);
    expect(plan.order).toEqual(['in', 'a', 'b', 'r', 'out']);
  });

  test('entered at two nodes has its feedback edge where the router leads', () => {
    const plan = compile({ b: 'Step', a: 'Step', r: 'ConditionalRouter' }, [
      'in.message > b.b; in.message > a.a; a.text > b.a; b.text > r.input_text',
      'r.false_result > a.b; r.true_result > out.input_value',
    ]);
    expect(feedback(plan)).toEqual(['r > a']);
  });

  test('with a node between the router and its entry has its feedback edge behind that node', () => {
    const plan = compile({ ...steps('a', 'critic'), r: 'ConditionalRouter' }, [
      'in.message > a.a; a.text > r.input_text; r.false_result > critic.a; critic.text > a.b',
      'r.true_result > out.input_value',
    ]);
    expect(feedback(plan)).toEqual(['critic > a']);
  });

  test('without an edge from outside begins where the router leads', () => {
    const plan = compile({ r: 'ConditionalRouter', ...steps('a') }, [
      'a.text > r.input_text',
      'r.false_result > a.a',
      'r.true_result > out.input_value',
    ]);
    expect(feedback(plan)).toEqual(['r > a']);
  });

  test('without a router or a feedback edge is refused, and its nodes are named', () => {
    const plan = compile(steps('a', 'b', 'c'), [
      'in.message > a.a',
      'a.text > b.a',
      'b.text > c.a',
      'c.text > a.b',
      'c.text > out.input_value',
    ]);
    expect(plan.problems).toMatchObject([{ code: 'CYCLE', severity: 'blocking', nodes: ['a', 'b', 'c'] }]);
    expect(plan.problems[0]?.message).toContain('"Step" (a), "Step" (b), "Step" (c)');
    expect(plan.order).toHaveLength(5);
  });

  test('of one node is refused', () => {
    const plan = compile(steps('a'), ['in.message > a.a', 'a.text > a.b', 'a.text > out.input_value']);
    expect(plan.problems).toMatchObject([{ code: 'CYCLE', nodes: ['a'] }]);
  });

  test('beside a valid one is refused too', () => {
    const plan = compile({ ...steps('a', 'b', 'c'), r: 'ConditionalRouter' }, [
      'in.message > a.a; a.text > r.input_text; r.false_result > a.b; r.true_result > b.a',
      'b.text > c.a; c.text > b.b; c.text > out.input_value',
    ]);
    expect(plan.problems).toMatchObject([{ code: 'CYCLE', nodes: ['b', 'c'] }]);
    expect(plan.cycles).toEqual([['a', 'r']]);
  });

  describe('whose If-Else stays in the cycle by default', () => {
    const router = (route: string) => ({ type: 'ConditionalRouter', values: { default_route: route } });
    const back = ['in.message > a.a; a.text > r.input_text; r.false_result > a.b'];

    test('may never end, so there is a warning', () => {
      const nodes = { ...steps('a'), r: router('false_result') };
      const plan = compile(nodes, [...back, 'r.true_result > out.input_value']);
      expect(plan.problems).toMatchObject([{ code: 'CYCLE', severity: 'warning', nodes: ['a', 'r'] }]);
      expect(plan.problems[0]?.message).toContain('"ConditionalRouter" (r) may repeat');
    });

    test('ends if another node leaves the cycle, or may choose to', () => {
      for (const other of [router('true_result'), 'SmartRouter']) {
        const nodes = { ...steps('a'), r: router('false_result'), s: other };
        const out = typeof other === 'string' ? ['category_1_result', 'category_2_result'] : [];
        const [stay = 'false_result', leave = 'true_result'] = out;
        const edges = [
          'in.message > a.a; a.text > r.input_text; r.false_result > s.input_text',
          `s.${stay} > a.b; s.${leave} > out.input_value; r.true_result > out.input_value`,
        ];
        expect(compile(nodes, edges).problems).toEqual([]);
      }
    });
  });

  test('inside a loop body stays in the body', () => {
    const plan = compile({ l: 'LoopComponent', ...steps('a'), r: 'ConditionalRouter', ...steps('b') }, [
      'in.message > l.data; l.item > a.a; a.text > r.input_text; r.false_result > a.b',
      'r.true_result > b.a; b.text > l.item; l.done > out.input_value',
    ]);
    expect(plan.problems).toEqual([]);
    expect(plan.loops['l']?.body).toEqual(['a', 'r', 'b']);
    expect(feedback(plan).sort()).toEqual(['b > l', 'r > a']);
  });
});

test('a chain of 10,000 nodes does not overflow the stack', () => {
  const ids = Array.from({ length: 10_000 }, (_unused, index) => `s${index}`);
  const edges = ids.slice(1).map((id, index) => `s${index}.text > ${id}.a`);
  expect(
    compile(steps(...ids), ['in.message > s0.a', ...edges, 's9999.text > out.input_value']).problems,
  ).toEqual([]);
});
