import { vi } from 'vitest';

/** What a command writes while a test runs; `vi.restoreAllMocks` ends it. */
export function captureOutput(): { out: string; err: string } {
  const shown = { out: '', err: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((shown.out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((shown.err += String(text)), true));
  return shown;
}
