import { RunBody } from '@causeway/contracts';
import { describe, expect, it } from 'vitest';
import { preferenceFrom, requestVariables, runInputFrom } from './run-request.js';

describe('runInputFrom', () => {
  it('reads an empty body as an empty run, with Langflow’s defaults', () => {
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

  it('lists members that no run has, unless they are null', () => {
    const body = RunBody.parse({ inptu_value: 'x', user_id: null, input_value: 'y' });
    expect(runInputFrom(body, {}, false)).toMatchObject({ inputValue: 'y', ignored: ['inptu_value'] });
  });
});

describe('requestVariables', () => {
  it('reads the variable headers by upper-case name and nothing else', () => {
    const headers = { 'x-langflow-global-var-api_key': 'k', 'x-api-key': 'secret', host: 'h' };
    expect(requestVariables(headers)).toEqual({ API_KEY: 'k' });
  });

  const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
  it.each([
    ['plain', 'plain'],
    ['caf%C3%A9%20au%20lait', 'café au lait'],
    ["UTF-8''caf%c3%a9", 'café'],
    ["utf-8'fr'%E2%82%AC%20rates", '€ rates'],
    ["ISO-8859-1''caf%E9", 'café'],
    [latin1('café ☃'), 'café ☃'],
    ['caf\xe9', 'café'],
    ['https://x.example/a%20b?c=100%', 'https://x.example/a%20b?c=100%'],
    ['100% of caf%C3%A9', '100% of café'],
    ['%E9', '%E9'],
  ])('reads the value %j as %j', (value, text) => {
    expect(requestVariables({ 'x-langflow-global-var-a': value })).toEqual({ A: text });
  });

  it('refuses bytes that are not text, and does not change them', () => {
    expect(() => requestVariables({ 'x-langflow-global-var-a': "UTF-8''%E9" })).toThrow(/not valid UTF-8/);
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
