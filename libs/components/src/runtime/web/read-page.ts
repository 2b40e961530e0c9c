import { MarkdownWriter } from './markdown-writer.js';
import { PageLinks } from './page-links.js';
import { readTags } from './read-tags.js';

/** The content of a page. */
export interface Page {
  readonly title: string;
  readonly description: string;
  readonly language: string;
  /**
   * Absolute http and https addresses without fragments, each once, in order; at most `maxLinks`, none when they are
   * not requested.
   */
  readonly links: readonly string[];
  readonly text: string;
}

const maxTitleLength = 1000;

/** Elements whose text is not shown. */
const unread: ReadonlySet<string> = new Set(['script', 'style', 'noscript', 'template', 'svg', 'iframe']);

/**
 * Reads an HTML page in one pass over the tags, without a tree: depth and size of the page need no stack.
 *
 * @param format of `text`: the visible text of the page, or the same as Markdown
 * @param withLinks whether its links will be followed
 */
export function readPage(
  html: string,
  address: string,
  format: 'text' | 'markdown',
  withLinks: boolean,
): Page {
  const writer = new MarkdownWriter(format === 'markdown', address);
  const links = new PageLinks(address);
  let title = '';
  let description = '';
  let language = '';
  let inTitle = false;
  let hidden = 0;
  readTags(html, {
    open(name, attributes) {
      const href = attributes.get('href');
      if (name === 'html') language ||= attributes.get('lang') ?? '';
      if (name === 'base' && href !== undefined) links.rebase(href);
      if (name === 'meta' && attributes.get('name')?.toLowerCase() === 'description') {
        description ||= attributes.get('content') ?? '';
      }
      if (withLinks && name === 'a' && href !== undefined) links.add(href);
      if (name === 'title') inTitle = true;
      if (unread.has(name)) hidden += 1;
      else if (hidden === 0) writer.open(name, attributes);
    },
    text(text) {
      if (inTitle) title += title.length < maxTitleLength ? text : '';
      else if (hidden === 0) writer.text(text);
    },
    close(name) {
      if (name === 'title') inTitle = false;
      if (unread.has(name)) hidden = Math.max(0, hidden - 1);
      else if (hidden === 0) writer.close(name);
    },
  });
  return {
    title: title.replace(/\s+/g, ' ').trim(),
    description,
    language,
    links: links.list(),
    text: writer.result(),
  };
}
