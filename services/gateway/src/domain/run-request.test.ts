import { RunBody } from '@causeway/contracts';
import { describe, expect, it } from 'vitest';
import { preferenceFrom, requestVariables, runInputFrom } from './run-request.js';

describe('runInputFrom', () => {
  it('takes an empty body for an empty run, with upstream’s defaults', () => {
    expect(runInputFrom(RunBody.parse({}), {}, false)).toEqual({
      inputType: 'chat',
      outputType: 'chat',
      stream: false,
    });
  });

  it('keeps what was given, and an empty input as an empty input', () => {
    const body = RunBody.parse({
      input_value: '',
      input_type: 'any',
      tweaks: { 'Node-1': { a: 1 } },
      session_id: 's',
    });
    expect(runInputFrom(body, {}, true)).toEqual({
      inputType: 'any',
      outputType: 'chat',
      stream: true,
      inputValue: '',
      tweaks: { 'Node-1': { a: 1 } },
      sessionId: 's',
    });
  });
});

describe('requestVariables', () => {
  it('reads the variable headers by upper-case name and nothing else', () => {
    const headers = { 'x-langflow-global-var-api_key': 'k', 'x-api-key': 'secret', host: 'h' };
    expect(requestVariables(headers)).toEqual({ API_KEY: 'k' });
  });
});

describe('preferenceFrom', () => {
  it.each([
    [undefined, undefined, { async: false }],
    ['respond-async', undefined, { async: true }],
    ['Respond-Async, wait=10', undefined, { async: false, waitMs: 10_000 }],
    ['wait=2', undefined, { async: false, waitMs: 2_000 }],
    ['return=minimal', undefined, { async: false }],
    [undefined, 0.5, { async: false, waitMs: 500 }],
    ['wait=ten', undefined, { async: false }],
  ])('reads %s and wait %s', (header, wait, expected) => {
    expect(preferenceFrom(header, wait)).toEqual(expected);
  });
});
