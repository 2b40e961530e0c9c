import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** The output of a command: text for people, or with `--json` one JSON value for programs. Colours are used only on a terminal. */
export class Output {
  constructor(readonly asJson: boolean) {}

  /** The result of a command: `value` with `--json`, the text otherwise. */
  result(value: unknown, text: () => string): void {
    process.stdout.write(`${this.asJson ? JSON.stringify(value) : showable(text())}\n`);
  }

  /** Prints the progress of long work to stderr, and only for people. */
  progress(text: string): void {
    if (!this.asJson) process.stderr.write(`${paint('dim', showable(text), process.stderr)}\n`);
  }

  /** A failure. */
  failure(error: { message: string; code?: string; runId?: string | undefined }): void {
    const { code = 'ERROR' } = error;
    // What a request calls `body.issuer`, a command calls `issuer`.
    const message = error.message.replace(/(?<![\w.])(?:body|query|params)\.(?=[A-Za-z])/g, '');
    // A run without an id cannot be shown.
    const runId = code === 'RUN_UNKNOWN' ? undefined : error.runId;
    if (this.asJson)
      process.stdout.write(`${JSON.stringify({ error: { code, message, ...(runId && { runId }) } })}\n`);
    else
      process.stderr.write(
        `${paint('red', 'error', process.stderr)} ${showable(message)}${runId ? `\n  see: npx causeway trace ${runId}` : ''}\n`,
      );
  }
}

/** Colours a text when the stream it is for is a terminal that shows colours. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream });
}

/**
 * A text in which nothing commands the terminal: what people and programs have named may hold such characters, and they are shown as `\u{1b}`.
 * Line breaks, tabs and the colours of `paint` stay.
 */
export function showable(text: string): string {
  return text.replace(COLOUR_OR_HIDDEN, (found) => (found.length > 1 ? found : codeOf(found)));
}

const COLOUR_OR_HIDDEN =
  // eslint-disable-next-line no-control-regex
  /\u001b\[(?:1|2|22|3[0-79]|9[0-7])m|\r\n|[^\P{Cc}\n\t]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** A text for a cell or another place inside a line: line breaks and tabs are shown as such, too. */
function inLine(text: string): string {
  return showable(text).replace(/[\r\n\t]/g, codeOf);
}

function codeOf(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** `1 flow`, `2 flows`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Rows under headings, each column as wide as its widest cell. */
export function table(headings: readonly string[], texts: readonly (readonly string[])[]): string {
  const rows = texts.map((cells) => cells.map(inLine));
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
