import { describe, expect, it } from 'vitest';
import { endpointNameOf, uniqueEndpoint, uniqueName } from './unique-name.js';

describe('uniqueName', () => {
  it('keeps a name that is free', () => {
    expect(uniqueName('X', new Set(['Y']))).toBe('X');
  });

  it('numbers a name that is taken, from 1 to the first that is free', () => {
    expect(uniqueName('X', new Set(['X', 'X (1)', 'X (3)']))).toBe('X (2)');
  });

  it('shortens a long name to make room for its number', () => {
    const long = 'x'.repeat(500);
    expect(uniqueName(long, new Set([long]))).toBe(`${'x'.repeat(496)} (1)`);
  });
});

describe('uniqueEndpoint', () => {
  it('numbers with a dash', () => {
    expect(uniqueEndpoint('chat', new Set(['chat', 'chat-1']))).toBe('chat-2');
  });
});

describe('endpointNameOf', () => {
  it.each([
    ['chat_1', 'chat_1'],
    [' my chat! ', 'my-chat'],
    ['ü', null],
  ])('makes of %j %j', (text, name) => {
    expect(endpointNameOf(text)).toBe(name);
  });
});
