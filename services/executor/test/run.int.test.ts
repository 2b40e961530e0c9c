import { aFlow, waitFor } from '@causeway/testing';
import { expect, test } from 'vitest';
import { aModel } from './a-model.js';
import { surroundings } from './surroundings.js';

const model = await aModel();
const world = await surroundings({ CAUSEWAY_SCRIPTED_PROVIDER_URL: model.url });
await world.startExecutor();

const chat = () => aFlow().chatInput().prompt('Answer {question}').model().chatOutput().build();

test('a chat flow runs from its doorbell to its answer', async () => {
  const flow = chat();
  const { runId } = await world.ring(flow, { inputValue: 'why?' });
  const answer = await world.answer(runId);
  expect(answer.outputs[0]?.outputs[0]?.outputs.message.message).toBe('you said: Answer why?');
  expect(answer.session_id).toBe(flow.id);
  const { steps, epoch } = await world.look(runId);
  expect(epoch).toBe(1);
  expect(steps.map((step) => [step.nodeType, step.status])).toEqual([
    ['ChatInput', 'succeeded'],
    ['Prompt', 'succeeded'],
    ['LanguageModelComponent', 'succeeded'],
    ['LanguageModelComponent', 'succeeded'],
    ['ChatOutput', 'succeeded'],
  ]);
});

test('scheduler and audit are told of its end, once', async () => {
  const { runId } = await world.ring(chat(), { inputValue: 'hello' });
  await world.ended(runId);
  await waitFor(() => world.audit.some((event) => event.runId === runId));
  await waitFor(() => world.reports.some((report) => report.runId === runId));
  expect(world.reports.filter((report) => report.runId === runId)).toMatchObject([{ status: 'succeeded' }]);
  expect(world.audit.filter((event) => event.runId === runId)).toMatchObject([
    { action: 'run.finish', result: 'succeeded', actor: { id: 'ada' } },
  ]);
});
