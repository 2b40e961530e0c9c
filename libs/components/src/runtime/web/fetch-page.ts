import { cleanText } from '../../coerce/text/clean-text.js';
import type { JsonObject } from '@causeway/dag';
import type { ComponentContext } from '../component.js';
import { type Page, readPage } from './read-page.js';

/** Bytes of one page. */
export const maxPageBytes = 5 * 1024 * 1024;

/** How a node reads its pages. */
export interface PageOptions {
  readonly format: 'text' | 'markdown' | 'html';
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly followRedirects: boolean;
  /** Whether an answer of 400 and above is a failure. */
  readonly checkStatus: boolean;
  /** Whether answers that are style sheets are left out. */
  readonly filterStyles: boolean;
  /** Whether to use the character set that the server or the page names. */
  readonly detectCharset: boolean;
}

/** One page of them. */
export interface OnePage extends PageOptions {
  /** Whether its links are followed. */
  readonly withLinks: boolean;
}

/** A page as a row, and its links. */
export interface FetchedPage {
  readonly row: JsonObject | undefined;
  readonly links: readonly string[];
  readonly bytes: number;
}

/**
 * Fetches a page and reads it. Text that is no HTML is used as it is.
 *
 * @throws CausewayError as `GuardedHttp`; Error for a bad status or an answer that is no text
 */
export async function fetchPage(
  context: ComponentContext,
  url: string,
  options: OnePage,
): Promise<FetchedPage> {
  const response = await context.http(url, {
    headers: { ...options.headers },
    timeoutMs: options.timeoutMs,
    maxBytes: maxPageBytes,
    followRedirects: options.followRedirects,
    signal: context.signal,
  });
  if (options.checkStatus && response.status >= 400)
    throw new Error(`the server answered ${response.status}`);
  const type = response.headers['content-type'] ?? '';
  if (options.filterStyles && type.startsWith('text/css'))
    return { row: undefined, links: [], bytes: response.body.byteLength };
  if (!isText(type)) throw new Error(`it is ${type.split(';')[0]}, which is no text`);
  const source = decode(response.body, options.detectCharset ? charsetOf(type, response.body) : 'utf-8');
  const isHtml = /html|xml/i.test(type) || (type === '' && /^\s*(<!doctype html|<html)/i.test(source));
  const page: Page | undefined = isHtml
    ? readPage(source, response.url, options.format === 'markdown' ? 'markdown' : 'text', options.withLinks)
    : undefined;
  return {
    row: {
      text: cleanText(page === undefined || options.format === 'html' ? source : page.text),
      url: response.url,
      title: page?.title ?? '',
      description: page?.description ?? '',
      content_type: type,
      language: page?.language ?? '',
    },
    links: page?.links ?? [],
    bytes: response.body.byteLength,
  };
}

function isText(type: string): boolean {
  return type === '' || /^text\/|[/+](json|xml|xhtml|javascript|yaml|x-yaml|toml|x-ndjson|csv)/i.test(type);
}

function charsetOf(type: string, body: Uint8Array): string {
  const named =
    /charset=["']?([\w-]+)/i.exec(type) ??
    /<meta[^>]{0,200}charset=["']?([\w-]+)/i.exec(decode(body.subarray(0, 2048), 'latin1'));
  return named?.[1] ?? 'utf-8';
}

function decode(bytes: Uint8Array, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    // An unknown character set.
    return new TextDecoder().decode(bytes);
  }
}
