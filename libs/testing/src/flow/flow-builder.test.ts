import { expect, test } from 'vitest';
import { aFlow } from './flow-builder.js';
import type { FlowEdge } from './flow-file.js';

const wiring = (edges: readonly FlowEdge[]): string[] =>
  edges.map(
    ({ data: { sourceHandle: from, targetHandle: to } }) =>
      `${from.id}.${from.name} → ${to.id}.${to.fieldName}`,
  );

test('named steps follow one another through a prompt with a variable', () => {
  const { data } = aFlow().chatInput().prompt('Answer {question}').model().chatOutput().build();
  expect(wiring(data.edges)).toEqual([
    'ChatInput-1.message → Prompt-2.question',
    'Prompt-2.prompt → LanguageModelComponent-3.input_value',
    'LanguageModelComponent-3.text_output → ChatOutput-4.input_value',
  ]);
});

test('a prompt without variables is the system message of the next model', () => {
  const { data } = aFlow().chatInput().prompt('Be brief.').model().chatOutput().build();
  expect(wiring(data.edges)).toContain('Prompt-2.prompt → LanguageModelComponent-3.system_message');
  expect(wiring(data.edges)).toContain('ChatInput-1.message → LanguageModelComponent-3.input_value');
});

test('an edge has its handles as objects, and as the same text with œ in place of quotes', () => {
  const [edge] = aFlow().chatInput().chatOutput().build().data.edges;
  expect(JSON.parse(edge?.sourceHandle.replaceAll('œ', '"') ?? '')).toEqual(edge?.data.sourceHandle);
  expect(JSON.parse(edge?.targetHandle.replaceAll('œ', '"') ?? '')).toEqual(edge?.data.targetHandle);
});

test('any node can be built, with fields and outputs of its own', () => {
  const { data } = aFlow()
    .node('Odd', {
      id: 'odd',
      fields: { count: 3, on: true },
      outputs: [{ name: 'out', types: ['Data'] }],
      node: { frozen: true },
    })
    .edge('odd', 'out', 'nowhere', 'in')
    .build();
  expect(data.nodes[0]).toMatchObject({
    id: 'odd',
    data: {
      node: {
        frozen: true,
        template: { count: { type: 'int', value: 3 }, on: { type: 'bool', value: true } },
      },
    },
  });
  expect(data.edges[0]?.data.sourceHandle.output_types).toEqual(['Data']);
});
