import { startCpuClock } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { readPage } from './read-page.js';

const address = 'https://a.test/docs/page';
const text = (html: string): string => readPage(html, address, 'text', true).text;
const links = (html: string): readonly string[] => readPage(html, address, 'text', true).links;
const markdown = (html: string): string => readPage(html, address, 'markdown', true).text;

describe('readPage as text', () => {
  test('gives title, description, language and links of the page', () => {
    const page = readPage(
      `<!doctype html><html lang="de"><head><title> A &amp; B
      </title><meta name="Description" content="about"></head>
      <body><a href="next">n</a><a href="/root#top">r</a><a href="next">again</a><a href="mailto:x@y">m</a>
      <a href="//b.test/">b</a><a href="javascript:alert(1)">j</a></body></html>`,
      address,
      'text',
      true,
    );
    expect(page).toMatchObject({ title: 'A & B', description: 'about', language: 'de' });
    expect(page.links).toEqual(['https://a.test/docs/next', 'https://a.test/root', 'https://b.test/']);
  });

  test('links follow the page’s base', () => {
    expect(links('<base href="/other/"><a href="x">x</a>')).toEqual(['https://a.test/other/x']);
  });

  test('links that will not be followed are not kept', () => {
    expect(readPage('<a href="x">x</a>', address, 'text', false).links).toEqual([]);
  });

  test('a base or a link that is too long is ignored', () => {
    const long = 'y'.repeat(3_000);
    expect(links(`<base href="/${long}/"><a href="x">x</a><a href="/${long}">x</a>`)).toEqual([
      'https://a.test/docs/x',
    ]);
    expect(markdown(`<a href="/${long}">x</a>`)).toBe('[x]()');
  });

  test('of many links the first are kept', () => {
    const many = Array.from({ length: 1_001 }, (_item, index) => `<a href="${index}">x</a>`).join('');
    expect(links(many)).toHaveLength(1_000);
  });

  test('short links on a long address do not make a large page', () => {
    const far = `${address}/${'z'.repeat(1_900)}/`;
    const page = readPage('<a href=x>'.repeat(100_000) + '</a>'.repeat(100_000), far, 'markdown', true);
    expect(page.text.length).toBeLessThan(10_000_000);
  });

  test('repeated ends of a row do not make a large page', () => {
    const row = `<table><tr>${'<td>'.repeat(10_000)}${'</tr>'.repeat(10_000)}`;
    expect(markdown(row).length).toBeLessThan(1_000_000);
  });

  test('blocks end lines, runs of white space are one space, code is left out', () => {
    expect(
      text(
        '<h1>One</h1><p>two <b>bold</b>\n  three</p><script>if (a < b) x()</script><style>p{}</style><div>four<br>five</div>',
      ),
    ).toBe('One\n\ntwo bold three\n\nfour\nfive');
  });

  test('preformatted text keeps its lines, cells are separated', () => {
    expect(text('<pre>a\n  b</pre><table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>')).toBe(
      'a\n  b\n\n1\t2\n3',
    );
  });

  test('a page with broken tags is read to the end', () => {
    expect(text('<head><body><p>a<div>b</p></span>c</b>')).toBe('a\nb\n\nc');
    expect(text('<p>one<p>two<li>three')).toBe('one\n\ntwo\nthree');
  });

  test('a deep page does not overflow the stack', () => {
    expect(text(`${'<div>'.repeat(100_000)}deep`)).toBe('deep');
  });

  test.each(['<div>', '</b>', '<a href=', '<a b="', '<!--', '<p', '&amp', '<svg>', '<title>', '<li><a>'])(
    'reading %s many times takes linear time',
    (piece) => {
      const cpuMs = startCpuClock();
      readPage(piece.repeat(Math.floor(1_000_000 / piece.length)), address, 'markdown', true);
      expect(cpuMs()).toBeLessThan(15_000);
    },
  );
});

describe('readPage as Markdown', () => {
  test('marks headings, emphasis, links, images and code', () => {
    expect(
      markdown(
        '<h2>Title</h2><p>A <strong>b</strong> <em>c</em> <a href="x">link</a> <code>y</code></p><img src="i.png" alt="pic"><pre>let a\nb</pre>',
      ),
    ).toBe(
      '## Title\n\nA **b** *c* [link](https://a.test/docs/x) `y`\n\n![pic](https://a.test/docs/i.png)\n\n```\nlet a\nb\n```',
    );
  });

  test('writes lists and tables', () => {
    expect(markdown('<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li></ul>')).toContain(
      '- a\n- b\n\n  1. c\n  2. d',
    );
    expect(markdown('<table><tr><th>h</th><th>i</th></tr><tr><td>1</td><td>2</td></tr></table>')).toBe(
      '| h | i |\n| --- | --- |\n| 1 | 2 |',
    );
  });
});
