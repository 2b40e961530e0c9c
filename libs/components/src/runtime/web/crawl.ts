import type { JsonObject } from '@causeway/dag';
import { isCausewayError } from '@causeway/dag';
import type { ComponentContext } from '../component.js';
import { type FetchedPage, type OnePage, type PageOptions, fetchPage } from './fetch-page.js';

/** Most pages of one node. */
export const maxPages = 100;
/** Bytes of all pages of one node. */
export const maxCrawlBytes = 50 * 1024 * 1024;
/** Most links between the first page and another; Langflow's editor offers no more. */
export const maxCrawlDepth = 5;

/**
 * An address that must not be called, or not with what the flow would send: an error if the flow itself names the
 * address.
 */
const refusals: readonly string[] = ['ADDRESS_REFUSED', 'SECRET_WITHHELD'];

/** The limits of a crawl. */
export interface CrawlOptions extends PageOptions {
  /** 1: only the page itself. */
  readonly depth: number;
  /** Only pages of the first page's own host. */
  readonly stayInside: boolean;
  /** Whether a page that cannot be fetched is left out instead of being an error. */
  readonly goOn: boolean;
  /** Pages fetched at a time. */
  readonly parallel: number;
}

/** The result of a crawl: rows in order of the links, and why pages are missing. */
export interface Crawl {
  readonly rows: readonly JsonObject[];
  readonly failures: readonly string[];
}

/**
 * Fetches pages, then the pages that they link to, level by level, each once. At a limit it stops and returns what it
 * has.
 *
 * @throws CausewayError `ADDRESS_REFUSED`, `SECRET_WITHHELD` for a start page; any failure unless `goOn`
 */
export async function crawl(
  context: ComponentContext,
  starts: readonly string[],
  options: CrawlOptions,
): Promise<Crawl> {
  const hosts = new Set(starts.map((url) => URL.parse(url)?.host));
  const origins = new Set(starts.map((url) => URL.parse(url)?.origin));
  const seen = new Set(starts);
  const rows: JsonObject[] = [];
  const failures: string[] = [];
  let level = [...seen];
  let pages = 0;
  let bytes = 0;
  const deepest = Math.min(options.depth, maxCrawlDepth);
  for (let depth = 1; depth <= deepest && level.length > 0; depth += 1) {
    const next: string[] = [];
    const onePage = { ...options, withLinks: depth < deepest };
    const headersFor = async (url: string): Promise<Readonly<Record<string, string>>> => {
      const page = URL.parse(url);
      // The page chose the link, so only headers that may be sent there go along.
      if (page === null || depth === 1 || origins.has(page.origin)) return options.headers;
      return (await context.secrets.headersFor(page, options.headers)).headers;
    };
    const fetchOne = async (url: string): Promise<FetchedPage | string> =>
      tryPage(context, url, { ...onePage, headers: await headersFor(url) }, depth === 1);
    for (let at = 0; at < level.length && pages < maxPages && bytes < maxCrawlBytes; at += options.parallel) {
      const batch = level.slice(at, at + Math.min(options.parallel, maxPages - pages));
      pages += batch.length;
      for (const page of await Promise.all(batch.map(fetchOne))) {
        if (typeof page === 'string') {
          failures.push(page);
          continue;
        }
        bytes += page.bytes;
        if (page.row !== undefined) rows.push(page.row);
        for (const link of page.links) {
          if (next.length >= maxPages || seen.has(link)) continue;
          if (options.stayInside && !hosts.has(URL.parse(link)?.host)) continue;
          seen.add(link);
          next.push(link);
        }
      }
    }
    level = next;
  }
  context.log({ pages, bytes, failed: failures.length }, 'pages fetched');
  return { rows, failures };
}

async function tryPage(
  context: ComponentContext,
  url: string,
  options: OnePage & CrawlOptions,
  isStart: boolean,
): Promise<FetchedPage | string> {
  try {
    return await fetchPage(context, url, options);
  } catch (error) {
    context.signal.throwIfAborted();
    const refused = isCausewayError(error) && refusals.includes(error.code);
    if (refused ? isStart : !options.goOn) throw error;
    return `${url}: ${(error as Error).message}`;
  }
}
