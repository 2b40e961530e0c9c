import { expect, test } from 'vitest';
import { html } from './html.js';
import { shownText } from './shown-text.js';

const written = (text: string): string => html`${shownText(text)}`.text;

test('N27: what is not seen, or turns text around, is shown by its number', () => {
  expect(written('user\u202Egnp.exe\u0000\u2069')).toBe(
    'user<span class="unseen">U+202E</span>gnp.exe<span class="unseen">U+0000</span><span class="unseen">U+2069</span>',
  );
});

test('other text stays as it is, and is escaped', () => {
  expect(written('a <b>\n\t“ü” 👩‍🚀')).toBe('a &#60;b&#62;\n\t“ü” 👩‍🚀');
});
