import { vi } from 'vitest';

/** Captures the output of a command in a test; `vi.restoreAllMocks` ends it. */
export function captureOutput(): { out: string; err: string } {
  const shown = { out: '', err: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((shown.out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((shown.err += String(text)), true));
  return shown;
}
