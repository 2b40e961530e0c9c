import { afterEach, expect, test, vi } from 'vitest';
import { type Report, describeModel, jsonOf, pageOf } from './report.js';

const places = {
  url: 'http://127.0.0.1:7860',
  apiKey: 'cw-1',
  home: '/tmp/my copy',
  pids: { stack: 1 },
  internalUrls: { gateway: 'http://127.0.0.1:9104' },
};
const question = 'What is a causeway?';
const problem = 'https://api.openai.com cannot be reached.';
const failed: Report = { ...places, isScripted: false, sample: { question, problem, curl: 'curl …' } };
const answered: Report = { ...failed, sample: { question, answer: 'A road.', curl: 'curl …' } };

afterEach(() => vi.unstubAllEnvs());

test('a provider that did not answer is never said to have answered', () => {
  for (const text of [pageOf(failed), describeModel(failed)]) {
    expect(text).toContain(`the model of your provider did not answer: ${problem}`);
    expect(text).not.toMatch(/model answered|It answers/);
  }
  expect(pageOf(answered)).toMatch(/It answers: A road\.\n\nYour provider’s model answered\./);
});

test('the JSON contains the answer of the sample run or the reason why it failed, and the model', () => {
  expect(JSON.parse(jsonOf(failed))).toEqual({ ...places, model: 'provider', sample: { question, problem } });
  const { isScripted: _, sample: __, ...rest } = answered;
  expect(JSON.parse(jsonOf({ ...answered, isScripted: true }))).toEqual({
    ...rest,
    model: 'scripted',
    sample: { question, answer: 'A road.' },
  });
});

test('the text names the command that stops this copy', () => {
  vi.stubEnv('CAUSEWAY_HOME', '');
  expect(pageOf(answered, true)).toContain('\nTo stop it: npm stop\n');
  vi.stubEnv('CAUSEWAY_HOME', '/tmp/my copy');
  expect(pageOf(answered, true)).toContain("\nTo stop it: CAUSEWAY_HOME='/tmp/my copy' npm stop\n");
});
