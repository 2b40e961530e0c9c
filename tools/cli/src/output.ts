import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** The output of a command: text for people, or with `--json` one JSON value for programs. Colours are used only on a terminal. */
export class Output {
  constructor(readonly asJson: boolean) {}

  /** The result of a command: `value` with `--json`, the text otherwise. */
  result(value: unknown, text: () => string): void {
    process.stdout.write(`${this.asJson ? JSON.stringify(value) : text()}\n`);
  }

  /** Prints the progress of long work to stderr, and only for people. */
  progress(text: string): void {
    if (!this.asJson) process.stderr.write(`${paint('dim', text, process.stderr)}\n`);
  }

  /** A failure. */
  failure(error: { message: string; code?: string; runId?: string | undefined }): void {
    const { message, code = 'ERROR' } = error;
    // A run without an id cannot be shown.
    const runId = code === 'RUN_UNKNOWN' ? undefined : error.runId;
    if (this.asJson)
      process.stdout.write(`${JSON.stringify({ error: { code, message, ...(runId && { runId }) } })}\n`);
    else
      process.stderr.write(
        `${paint('red', 'error', process.stderr)} ${message}${runId ? `\n  see: npx causeway trace ${runId}` : ''}\n`,
      );
  }
}

/** Colours a text when the stream it is for is a terminal that shows colours. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream });
}

/** `1 flow`, `2 flows`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Rows under headings, each column as wide as its widest cell. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [paint('bold', line(headings)), ...rows.map(line)].join('\n');
}
