import { describe, expect, it } from 'vitest';
import { MOST_CHARACTERS, UnfinishedMessages } from './unfinished-messages.js';

const begin = (id: string, text = 'a'): [string, object] => [
  'add_message',
  { id, text, properties: { state: 'partial' } },
];
const token = (id: string, chunk: string): [string, object] => ['token', { id, chunk }];
const end = (id: string): [string, object] => [
  'add_message',
  { id, text: 'ab', properties: { state: 'complete' } },
];

function after(...frames: readonly [string, object][]): unknown[] {
  const messages = new UnfinishedMessages();
  for (const [event, data] of frames) messages.take(event, data as never);
  return messages.list().map(({ message, text }) => [message['id'], message['text'], text]);
}

describe('a message', () => {
  it('is unfinished from its beginning to its end, with all tokens so far', () => {
    expect(after(begin('1'), token('1', 'a'))).toEqual([['1', '', 'a']]);
    expect(after(begin('1'), token('1', 'a'), begin('2', 'x'), token('2', 'x'), token('1', 'b'))).toEqual([
      ['1', '', 'ab'],
      ['2', '', 'x'],
    ]);
    expect(after(begin('1'), token('1', 'a'), end('1'))).toEqual([]);
  });

  it('that begins again has no old text', () => {
    expect(after(begin('1'), token('1', 'a'), begin('1', 'z'), token('1', 'z'))).toEqual([['1', '', 'z']]);
  });

  it('whose beginning is unknown is not kept', () => {
    expect(after(token('1', 'a'), end('2'), ['end_vertex', { build_data: {} }])).toEqual([]);
  });

  it('that is too long is not kept, and leaves room for the next one', () => {
    const long = token('1', 'x'.repeat(MOST_CHARACTERS));
    expect(after(begin('1'), long, token('1', 'y'))).toEqual([]);
    expect(after(begin('1'), long, end('1'), begin('2'), token('2', 'y'))).toEqual([['2', '', 'y']]);
  });
});
