import { readFileSync, statSync } from 'node:fs';

/**
 * Notes where a log file ends now: what earlier starts wrote says nothing about this one.
 *
 * @returns gives the lines that came since, the last ones of them, as a person reads them
 */
export function markLogEnd(file: string): (most?: number) => string[] {
  const start = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return (most = 15) => linesSince(file, start).slice(-most).map(readableLine);
}

function linesSince(file: string, start: number): string[] {
  try {
    const content = readFileSync(file);
    // A log that was set aside since begins anew.
    const text = content
      .subarray(content.length < start ? 0 : start)
      .toString('utf8')
      .trimEnd();
    return text === '' ? [] : text.split('\n');
  } catch {
    return [];
  }
}

/** Of a service's line (JSON with ECS names) its level, event and error; any other line as it is. */
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
