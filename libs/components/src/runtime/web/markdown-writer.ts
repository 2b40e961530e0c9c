import { resolveLink } from './page-links.js';

/** Elements that begin and end a line. */
const blocks: ReadonlySet<string> = new Set(
  (
    'address article aside blockquote body dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr ' +
    'li main nav ol p pre section summary table tbody tfoot thead tr ul'
  ).split(' '),
);
const paragraphs: ReadonlySet<string> = new Set([
  'p',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'pre',
  'blockquote',
  'table',
  'ul',
  'ol',
]);
const marks: Readonly<Record<string, string>> = { strong: '**', b: '**', em: '*', i: '*', code: '`' };

/** Characters of all links and images of a page: each is written as a full address, however short it is in the page. */
const maxAddressLength = 5_000_000;

/** Builds the text of a page while its tags are read; without `marked` only words and lines. */
export class MarkdownWriter {
  private readonly parts: string[] = [];
  private readonly lists: { ordered: boolean; count: number }[] = [];
  private readonly hrefs: string[] = [];
  /** Line ends to write before the next word. */
  private due = 0;
  private space = false;
  private pre = 0;
  private cells = 0;
  private rows = 0;
  private addressLength = 0;

  constructor(
    private readonly marked: boolean,
    private readonly address: string,
  ) {}

  open(name: string, attributes: ReadonlyMap<string, string>): void {
    if (blocks.has(name)) this.breakLine(paragraphs.has(name) ? 2 : 1);
    if (name === 'br') this.breakLine(1);
    if (name === 'pre') this.pre += 1;
    if (name === 'tr') [this.cells, this.rows] = [0, this.rows + 1];
    if (name === 'table') this.rows = 0;
    if (name === 'td' || name === 'th') {
      this.put(this.cells === 0 && !this.marked ? '' : this.marked ? '| ' : '\t');
      this.cells += 1;
    }
    if (this.marked) this.openMark(name, attributes);
  }

  close(name: string): void {
    if (this.marked) this.closeMark(name);
    if (name === 'pre') this.pre = Math.max(0, this.pre - 1);
    if (blocks.has(name)) this.breakLine(paragraphs.has(name) ? 2 : 1);
  }

  text(text: string): void {
    if (this.pre > 0) {
      if (text !== '') this.put(text);
      return;
    }
    const words = text.replace(/[\s\u00A0]+/g, ' ');
    if (words === ' ') {
      this.space = this.due === 0;
      return;
    }
    if (words === '') return;
    if (words.startsWith(' ') && this.due === 0) this.space = true;
    this.put(words.trim());
    this.space = words.endsWith(' ');
  }

  result(): string {
    return this.parts.join('').trim();
  }

  private openMark(name: string, attributes: ReadonlyMap<string, string>): void {
    const heading = /^h([1-6])$/.exec(name);
    if (heading !== null) this.put(`${'#'.repeat(Number(heading[1]))} `);
    if (name === 'ul' || name === 'ol') this.lists.push({ ordered: name === 'ol', count: 0 });
    if (name === 'li') this.put(this.bullet());
    if (name === 'blockquote') this.put('> ');
    if (name === 'hr') this.put('---');
    if (name === 'pre') this.put('```\n');
    if (Object.hasOwn(marks, name) && this.pre === 0) this.put(marks[name] as string);
    if (name === 'a') {
      this.hrefs.push(this.full(attributes.get('href')));
      this.put('[');
    }
    if (name === 'img' && attributes.get('alt') !== undefined) {
      this.put(`![${attributes.get('alt')}](${this.full(attributes.get('src'))})`);
    }
  }

  private closeMark(name: string): void {
    if (name === 'ul' || name === 'ol') this.lists.pop();
    if (Object.hasOwn(marks, name) && this.pre === 0) this.attach(marks[name] as string);
    if (name === 'a') this.attach(`](${this.hrefs.pop() ?? ''})`);
    if (name === 'pre') this.attach('\n```');
    if (name === 'tr' && this.cells > 0) {
      this.attach(' |');
      if (this.rows === 1) this.attach(`\n|${' --- |'.repeat(this.cells)}`);
      // A row ends once, however often its end tag occurs.
      this.cells = 0;
    }
    if (name === 'td' || name === 'th') this.space = true;
  }

  private full(href = ''): string {
    if (this.addressLength > maxAddressLength) return '';
    const full = resolveLink(href, this.address)?.href ?? '';
    this.addressLength += full.length;
    return full;
  }

  private bullet(): string {
    const list = this.lists.at(-1);
    if (list === undefined) return '- ';
    list.count += 1;
    return `${'  '.repeat(Math.min(this.lists.length, 10) - 1)}${list.ordered ? `${list.count}. ` : '- '}`;
  }

  /** Appends directly to the text, before any space or line end that is still to be written. */
  private attach(text: string): void {
    this.parts.push(text);
  }

  private put(text: string): void {
    if (this.due > 0 && this.parts.length > 0) this.parts.push('\n'.repeat(this.due));
    else if (this.space && this.parts.length > 0) this.parts.push(' ');
    this.due = 0;
    this.space = false;
    this.parts.push(text);
  }

  private breakLine(lines: number): void {
    this.due = Math.max(this.due, lines);
    this.space = false;
  }
}
