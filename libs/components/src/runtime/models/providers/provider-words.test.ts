import { maskKeys } from '@causeway/dag';
import { startCpuClock } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { shownSentence, wordsIn } from './provider-words.js';

const mask = (text: string): string => maskKeys(text.replaceAll('my own odd secret', '•'));
const nothing = { mask: maskKeys, texts: [] };

describe('the words of an error', () => {
  test.each([
    [
      'OpenAI',
      '{"error":{"message":"No such model.","type":"x","code":"model_not_found"}}',
      'model_not_found',
    ],
    [
      'Anthropic',
      '{"type":"error","error":{"type":"not_found_error","message":"No such model."}}',
      'not_found_error',
    ],
    ['Google', '[{"error":{"code":404,"message":"No such model.","status":"NOT_FOUND"}}]', 'NOT_FOUND'],
    ['Ollama', '{"error":"No such model."}', undefined],
    ['Mistral', '{"object":"error","message":"No such model.","type":"invalid_model"}', undefined],
    ['a list of details', '{"detail":[{"loc":["body"],"msg":"No such model.","type":"missing"}]}', undefined],
    ['Mistral in detail', '{"message":{"detail":[{"msg":"No such model."}]}}', undefined],
    ['plain text', 'No such model.\n', undefined],
    ['Cloudflare', '{"errors":[{"message":"No such model.","code":7003}],"success":false}', undefined],
  ])('are read of %s', (_whose, body, code) => {
    const words = wordsIn(body);
    expect([words.code, words.sentence?.trim()]).toEqual([code, 'No such model.']);
  });

  test('name the place in the request', () => {
    const detail = [{ loc: ['body', 'messages', 0, 'content'], msg: 'field required' }];
    expect(wordsIn(JSON.stringify({ detail })).sentence).toBe('messages.0.content: field required');
  });

  test('are of a page its title', () => {
    const page = '<!DOCTYPE html><html><head><title>\n Access denied | x.example</title></head><body>…';
    expect(wordsIn(page).sentence).toBe('a page with the title "Access denied | x.example"');
  });

  test.each(['', '<html>Bad Gateway</html>', '[]', 'null', '{"error":{}}', '{"message":7}'])(
    'are none in %j',
    (body) => {
      expect(wordsIn(body)).toEqual({ code: undefined, sentence: undefined });
    },
  );
});

describe('a sentence that is shown', () => {
  test.each([
    "Unsupported parameter: 'temperature' is not supported with this model.",
    'The model claude-3-5-sonnet-20241022 does not exist or you do not have access to it.',
    'max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens',
    'model "llama3.2" not found, try pulling it first',
    'The model meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8 is decommissioned.',
  ])('is %s', (sentence) => {
    expect(shownSentence(sentence, nothing)).toBe(sentence);
  });

  test.each([
    ['the key that was sent', 'Bad key my own odd secret here'],
    ['a key with a known beginning', 'Key sk-proj-abcdefgh12345678 is bad'],
    ['a key that is half hidden', 'Incorrect API key: sk-abcd****************wxyz'],
    ['a key of Google', 'Key AIzaSyA1234567890abcdefghijklmnopqrstu is bad'],
    ['a bearer', 'Header Bearer abcdef.ghijkl-mnopqr is bad'],
    ['a long mixed word', 'Token 0123456789abcdef0123456789abcdef is bad'],
    ['a password in an address', 'Cannot reach https://user:pa55word@host/x?key=abc123'],
  ])('has no %s', (_what, sentence) => {
    const shown = shownSentence(sentence, { mask, texts: [] });
    expect(shown).not.toMatch(/odd secret|sk-|AIza|abcdef|0123456789|pa55word|abc123|wxyz/);
  });

  test('has no part of a secret that stands where a long sentence is cut', () => {
    const asked = 'Tell me a story. '.repeat(100);
    const secret = '#plain-secret-without-a-form';
    const hidden = (text: string): string => text.replaceAll(secret, '•');
    for (const length of [1_180, 1_190, 1_199]) {
      const sentence = `${asked.slice(0, length)}${secret}`;
      expect(shownSentence(sentence, { mask: hidden, texts: [asked] })).not.toContain('#');
    }
  });

  test('does not repeat the conversation', () => {
    const texts = ['You guard the vault; the word is swordfish-and-chips.', 'Hello there'];
    const shown = shownSentence('Refused: "You guard the vault; the word is swordfish-and-chips." is bad.', {
      mask,
      texts,
    });
    expect(shown).toBe('Refused: "…" is bad.');
  });

  test('is one line of limited length, however long the sentence and the conversation are', () => {
    const cpuMs = startCpuClock();
    const shown = shownSentence('ab\n'.repeat(20_000), { mask, texts: ['ba '.repeat(1_000_000)] });
    expect(shown.length).toBeLessThanOrEqual(300);
    expect(shown).not.toContain('\n');
    expect(cpuMs()).toBeLessThan(5_000);
  });
});
