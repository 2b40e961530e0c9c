import type { Api } from '../api.js';
import { table } from '../output.js';
import type { Output } from '../output.js';

interface Kind {
  readonly kind: string;
  readonly setting: string | null;
  readonly keepDays: number;
  readonly rows: number;
  readonly bytes: number;
  readonly oldest: string | null;
}

/** Shows how long each kind of data is kept, and how much would be removed now. Removes nothing. */
export async function retention(api: Api, output: Output): Promise<number> {
  const { kinds } = await api.json<{ kinds: Kind[] }>('GET', '/api/platform/v1/retention');
  output.result(kinds, () =>
    table(
      ['kind', 'days', 'due', 'bytes', 'oldest', 'setting'],
      kinds.map(({ kind, keepDays, rows, bytes, oldest, setting }) => [
        kind,
        keepDays === 0 ? 'until deleted' : String(keepDays),
        String(rows),
        sizeOf(bytes),
        oldest ?? '–',
        setting ?? 'fixed',
      ]),
    ),
  );
  return 0;
}

const UNITS = ['B', 'kB', 'MB', 'GB'];

function sizeOf(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1_000 && unit < UNITS.length - 1) [value, unit] = [value / 1_000, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
