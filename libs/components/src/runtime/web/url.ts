import type { JsonObject } from '@causeway/dag';
import { isCausewayError, shortMasked } from '@causeway/dag';
import { maxStarts } from '../../coerce/limits.js';
import { dataOf, messageOf, tableOf } from '../../coerce/value.js';
import type { Value } from '../../specs/values.js';
import { askedOutputs } from '../asked-outputs.js';
import type { ComponentContext, ComponentRuntime } from '../component.js';
import { fieldInvalid, nodeFailed } from '../node-failed.js';
import { readAs, readFlag, readSeparator, readText, readTexts, readWhole } from '../read-field.js';
import { type Crawl, crawl } from './crawl.js';
import { toHeaders, withScheme } from './request-parts.js';

/** Pages fetched at a time. */
const parallelPages = 4;
/** Longest wait for a page, in seconds. */
const maxTimeoutS = 120;

/** Fetches pages and gives them as rows or as one text. */
export const url: ComponentRuntime = {
  type: 'URLComponent',
  async run(context) {
    const rows = await fetchRows(context);
    const texts = rows.map((row) => row['text'] as string);
    return {
      outputs: askedOutputs<Value>(context, {
        page_results: () => tableOf(rows),
        dataframe: () => tableOf(rows),
        data: () => ({ kind: 'plain', value: rows.map(dataOf) }),
        raw_results: () => messageOf(texts.join(readSeparator(context, 'separator'))),
        text: () => messageOf(texts.join('\n')),
      }),
    };
  },
};

async function fetchRows(context: ComponentContext): Promise<readonly JsonObject[]> {
  const starts = [...new Set(readTexts(context, 'urls').map((text) => startUrl(context, text)))];
  if (starts.length === 0) throw fieldInvalid(context, 'no URL is given; fill the field URLs.');
  if (starts.length > maxStarts)
    throw fieldInvalid(context, `${starts.length} URLs are given; the limit is ${maxStarts}.`);
  const { rows, failures } = await tryCrawl(context, starts);
  if (rows.length === 0) {
    throw nodeFailed(context, `no page could be loaded: ${failures[0] ?? 'all were empty or style sheets'}`);
  }
  return rows;
}

async function tryCrawl(context: ComponentContext, starts: readonly string[]): Promise<Crawl> {
  const format = readText(context, 'format');
  const timeoutS = readWhole(context, 'timeout', 30);
  try {
    return await crawl(context, starts, {
      depth: Math.max(1, readWhole(context, 'max_depth', 1)),
      stayInside: readFlag(context, 'prevent_outside'),
      goOn: readFlag(context, 'continue_on_failure'),
      parallel: readFlag(context, 'use_async') ? parallelPages : 1,
      format: format === 'Markdown' ? 'markdown' : format.endsWith('HTML') ? 'html' : 'text',
      timeoutMs: Math.min(timeoutS > 0 ? timeoutS : 30, maxTimeoutS) * 1000,
      headers: readAs(context, 'headers', toHeaders),
      followRedirects: readFlag(context, 'follow_redirects'),
      checkStatus: readFlag(context, 'check_response_status'),
      filterStyles: readFlag(context, 'filter_text_html'),
      detectCharset: readFlag(context, 'autoset_encoding'),
    });
  } catch (error) {
    context.signal.throwIfAborted();
    if (isCausewayError(error)) throw error;
    throw nodeFailed(context, `a page could not be loaded: ${(error as Error).message}`, { cause: error });
  }
}

function startUrl(context: ComponentContext, text: string): string {
  const parsed = URL.parse(withScheme(text));
  if (parsed === null) throw fieldInvalid(context, `${shortMasked(text, 200)} is no valid URL.`);
  parsed.hash = '';
  return parsed.href;
}
