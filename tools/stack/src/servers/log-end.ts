import { readFileSync, statSync } from 'node:fs';

/**
 * Stores the current end of a log file, because lines of earlier starts do not concern this one.
 *
 * @returns a function that returns the last lines since then, formatted for a person
 */
export function markLogEnd(file: string): (most?: number) => string[] {
  const start = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return (most = 15) => linesSince(file, start).slice(-most).map(readableLine);
}

function linesSince(file: string, start: number): string[] {
  try {
    const content = readFileSync(file);
    // A log that was rotated since then begins at its start.
    const text = content
      .subarray(content.length < start ? 0 : start)
      .toString('utf8')
      .trimEnd();
    return text === '' ? [] : text.split('\n');
  } catch {
    return [];
  }
}

/** Level, event and error of a service's line (JSON with ECS names); any other line unchanged. */
function readableLine(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const entry = JSON.parse(line) as Record<string, unknown>;
    const { 'log.level': level = '', message, 'error.message': error } = entry;
    if (message === undefined) return line;
    return `${String(level).padEnd(5)} ${String(message)}${error === undefined ? '' : `: ${String(error)}`}`;
  } catch {
    return line;
  }
}
