import { findOrInstall } from '@causeway/stack';
import { type Browser, chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts headless Chromium: the machine's, else Debian's package. Without either it throws an error that says what to install;
 * with CAUSEWAY_ALLOW_MISSING=chromium it returns undefined instead.
 */
export async function openBrowser(): Promise<Browser | undefined> {
  try {
    const found = await findOrInstall(['chromium'], (line) => process.stderr.write(`${line}\n`));
    const { command: executablePath, env } = found.get('chromium') ?? { command: 'chromium', env: {} };
    return await chromium.launch({
      executablePath,
      args: FLAGS,
      env: { ...(process.env as Record<string, string>), ...env },
    });
  } catch (error) {
    if (process.env['CAUSEWAY_ALLOW_MISSING'] === 'chromium') return undefined;
    throw new Error(
      'no Chromium to test with: install the package chromium, or set CAUSEWAY_ALLOW_MISSING=chromium to continue without it',
      { cause: error },
    );
  }
}
