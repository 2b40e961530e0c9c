import { catalogue } from '@causeway/components/specs';
import type { RunInput } from '@causeway/contracts';
import { compileFlow, parseFlowFile } from '@causeway/dag';
import type { Plan } from '@causeway/dag';
import { aFlow } from '@causeway/testing';
import type { FlowFile } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { prepareRun } from './prepare-run.js';

const input: RunInput = { inputType: 'chat', outputType: 'chat', stream: false };

function planOf(flow: FlowFile): Plan {
  const [parsed] = parseFlowFile(JSON.stringify(flow)).flows;
  if (!parsed) throw new Error('no flow');
  return compileFlow(parsed, catalogue);
}

const chat = planOf(aFlow().chatInput().prompt('{q}').chatOutput().build());

describe('a request', () => {
  test('gives its input, its session and its tweaks to the plan', () => {
    const given = {
      ...input,
      inputValue: 'hi',
      sessionId: 's',
      tweaks: { 'Prompt-2': { template: '{q}!' } },
    };
    const prepared = prepareRun(chat, given, 'flow');
    if (!('plan' in prepared)) throw new Error('refused');
    expect(prepared.sessionId).toBe('s');
    expect(prepared.plan.nodes['ChatInput-1']?.fields['input_value']?.value).toBe('hi');
    expect(prepared.plan.nodes['Prompt-2']?.fields['template']?.value).toBe('{q}!');
    expect(chat.nodes['Prompt-2']?.fields['template']?.value).toBe('{q}');
  });

  test('is recorded apart from what the flow itself has', () => {
    const given = { ...input, inputValue: 'hi', tweaks: { 'Prompt-2': { template: '{q}!' } } };
    const prepared = prepareRun(chat, given, 'flow');
    if (!('plan' in prepared)) throw new Error('refused');
    expect(prepared.written.get('Prompt-2')).toEqual(new Map([['template', '{q}']]));
    expect(prepared.written.get('ChatInput-1')?.has('input_value')).toBe(true);
    expect(prepared.written.get('ChatInput-1')?.has('sender')).toBe(false);
  });

  test('without a session is in the session of its flow', () => {
    expect(prepareRun(chat, input, 'flow')).toMatchObject({ sessionId: 'flow' });
  });

  test('that gives the input twice is refused', () => {
    const tweaks = { 'ChatInput-1': { input_value: 'other' } };
    expect(prepareRun(chat, { ...input, inputValue: 'hi', tweaks }, 'flow')).toMatchObject([
      { code: 'INPUT_CONFLICT' },
    ]);
  });

  test('that names an output node which is not there is refused', () => {
    expect(prepareRun(chat, { ...input, outputComponent: 'Nobody' }, 'flow')).toMatchObject([
      { code: 'NO_OUTPUT' },
    ]);
  });

  test('of a webhook fills every webhook node', () => {
    const webhook = catalogue.find('Webhook');
    if (!webhook) throw new Error('no webhook');
    const plan = planOf(aFlow().node(webhook, { id: 'Webhook-1' }).build());
    const prepared = prepareRun(plan, { ...input, webhookBody: '{"a":1}' }, 'flow');
    if (!('plan' in prepared)) throw new Error('refused');
    expect(prepared.plan.nodes['Webhook-1']?.fields['data']?.value).toBe('{"a":1}');
  });
});
