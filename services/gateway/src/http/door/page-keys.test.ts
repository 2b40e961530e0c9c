import { causewayError } from '@causeway/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PageKeys } from './page-keys.js';

const LISTED = 'https://www.shop.example';
const ADDRESS = '192.0.2.1';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

/** What the gateway knows of origins, and the questions that auth gets; auth knows one origin. */
function pages() {
  const asked: string[] = [];
  const auth = { isThere: true };
  const request = async (_contract: unknown, { origin }: { origin: string }): Promise<object> => {
    asked.push(origin);
    await Promise.resolve();
    if (!auth.isThere) throw causewayError('UNAVAILABLE', { service: 'auth', retryAfterS: 1 });
    return { isListed: origin === LISTED };
  };
  return { keys: new PageKeys({ request } as never), asked, auth };
}

const later = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

describe('origins of pages', () => {
  it.each([
    'null',
    '*',
    'www.shop.example',
    `${LISTED}/`,
    `${LISTED}/path`,
    'HTTPS://WWW.SHOP.EXAMPLE',
    'https://u@www.shop.example',
    'file:///etc/passwd',
    `https://${'a'.repeat(400)}.example`,
  ])('that no browser sends are refused without a question: %.40s', async (origin) => {
    const { keys, asked } = pages();
    expect([await keys.isListed(origin, ADDRESS), asked]).toEqual([false, []]);
  });

  it('are asked about once at a time, and again after five seconds', async () => {
    const { keys, asked } = pages();
    const answers = await Promise.all(Array.from({ length: 50 }, () => keys.isListed(LISTED, ADDRESS)));
    expect([new Set(answers), asked.length]).toEqual([new Set([true]), 1]);
    later(4_999);
    await keys.isListed(LISTED, ADDRESS);
    expect(asked.length).toBe(1);
    later(1);
    await keys.isListed(LISTED, ADDRESS);
    expect(asked.length).toBe(2);
  });

  it('are not asked about again for a second when auth did not answer', async () => {
    const { keys, asked, auth } = pages();
    auth.isThere = false;
    for (let n = 0; n < 10; n++) expect(await keys.isListed(LISTED, ADDRESS)).toBe(false);
    expect(asked.length).toBe(1);
    auth.isThere = true;
    later(1_000);
    expect(await keys.isListed(LISTED, ADDRESS)).toBe(true);
  });

  it('that are made up use the tries of their network, and keep no listed page out', async () => {
    const { keys, asked } = pages();
    expect(await keys.isListed(LISTED, '2001:db8::1')).toBe(true);
    for (let n = 0; n < 500; n++) await keys.isListed(`https://n${n}.example`, `2001:db8::${n.toString(16)}`);
    expect(asked.length).toBe(1 + 20);
    // What is known of the listed one has ended, and its network has no tries left.
    later(5_000);
    for (let n = 0; n < 500; n++) await keys.isListed(`https://m${n}.example`, '2001:db8::1');
    expect(await keys.isListed(LISTED, '2001:db8::1')).toBe(true);
    // Another network has tries of its own.
    expect(await keys.isListed('https://n499.example', ADDRESS)).toBe(false);
    expect(asked.at(-1)).toBe('https://n499.example');
  });

  it('that are made up at many addresses push no listed one out of memory', async () => {
    const { keys, asked } = pages();
    await keys.isListed(LISTED, ADDRESS);
    for (let n = 0; n < 12_000; n++)
      await keys.isListed(`https://n${n}.example`, `10.0.${n >> 8}.${n & 255}`);
    const before = asked.length;
    expect([await keys.isListed(LISTED, ADDRESS), asked.length]).toEqual([true, before]);
  });
});
