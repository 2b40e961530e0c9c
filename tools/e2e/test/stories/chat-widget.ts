import { type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser } from '../support/browser.js';
import { chatFlow } from '../support/flows.js';
import type { Site } from '../support/site.js';
import type { Stack } from '../support/stack.js';

interface Sent {
  readonly url: string;
  readonly apiKey: string;
  readonly body: object;
}

interface WidgetAnswer {
  readonly session_id: string;
  readonly outputs: readonly {
    readonly outputs: readonly {
      readonly outputs: Record<
        string,
        { readonly type: string; readonly message: string | { readonly text: string } }
      >;
    }[];
  }[];
}

/** The one call that the embedded chat widget makes, from pages of two other origins: `listed` may call, `other` may not. */
export function chatWidgetStories({ api, causeway }: Stack, listed: Site, other: Site): void {
  describe('the embedded chat widget', () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      browser = await openBrowser();
    }, 180_000);
    afterAll(() => browser?.close());

    const openPage = async (skip: (why: string) => void, site: Site): Promise<Page> => {
      if (!browser) skip('no Chromium, and CAUSEWAY_ALLOW_MISSING allows that');
      const page = await (browser as Browser).newPage();
      await page.goto(`${site.url}/widget`);
      return page;
    };
    const aCall = async (): Promise<Sent> => {
      const { id } = await api.importFlow(chatFlow());
      const body = {
        input_type: 'chat',
        input_value: 'from a page',
        output_type: 'chat',
        session_id: 'widget-1',
      };
      return { url: `${causeway.url}/api/v1/run/${id}`, apiKey: causeway.apiKey, body };
    };

    test('a page of a listed origin gets its answer, after a preflight', async ({ skip }) => {
      const call = await aCall();
      const page = await openPage(skip, listed);
      const said = await page.evaluate(askAsWidget, call);
      await page.close();
      expect(said).toEqual({ status: 200, text: 'You said: Answer from a page', sessionId: 'widget-1' });
    });

    test('a page of another origin is refused by its browser and gets no data', async ({ skip }) => {
      const call = await aCall();
      const page = await openPage(skip, other);
      const said = await page.evaluate(askAsWidget, call);
      await page.close();
      expect(said).toEqual({ refused: 'TypeError' });
    });

    test('the preflight allows the listed origin only', async () => {
      const preflight = (origin: string) =>
        api.as(undefined).send('OPTIONS', '/api/v1/run/any', {
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'content-type,x-api-key',
          },
        });
      const allowed = await preflight(listed.url);
      expect(allowed.headers.get('access-control-allow-origin')).toBe(listed.url);
      expect(allowed.headers.get('access-control-allow-headers')).toMatch(/x-api-key/i);
      const refused = await preflight(other.url);
      expect(refused.headers.get('access-control-allow-origin')).not.toBe(other.url);
      expect(refused.headers.get('access-control-allow-origin')).not.toBe('*');
    });
  });
}

/** Runs in the page: it sends and reads the same as the widget. */
async function askAsWidget({ url, apiKey, body }: Sent): Promise<object> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'x-api-key': apiKey },
      body: JSON.stringify(body),
    });
    const data = (await response.json()) as WidgetAnswer;
    const entries = data.outputs[0]?.outputs ?? [];
    const [first] = Object.values(entries[0]?.outputs ?? {});
    if (entries.length !== 1 || !first) return { status: response.status, text: `${entries.length} entries` };
    const { type, message } = first;
    const text =
      typeof message === 'string' ? (type === 'text' ? message : 'Unknow message structure') : message.text;
    return { status: response.status, text, sessionId: data.session_id };
  } catch (error) {
    return { refused: (error as Error).name };
  }
}
