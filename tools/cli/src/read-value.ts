import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

/**
 * Reads a value that is not on the command line, so that it is not in the shell's history. On a terminal it asks for the value and does
 * not show it; otherwise it reads all of standard input, without the last line end.
 *
 * @param otherwise  how else it may be given
 * @throws Error when there is no value, or when the user presses Ctrl-C or Ctrl-D
 */
export async function readValue(name: string, otherwise = 'after the name'): Promise<string> {
  const { isTTY } = process.stdin;
  const value = isTTY ? await ask(name) : (await text(process.stdin)).replace(/\r?\n$/, '');
  if (value !== '') return value;
  throw new Error(
    isTTY
      ? `no value for ${name}: nothing was typed`
      : `no value for ${name}: stdin is empty; write the value there, or ${otherwise}`,
  );
}

/** One line from the terminal. It is not shown, because the output of readline, which edits the line, is discarded. */
function ask(name: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  // The question is printed only now, when the terminal's own echo is off.
  process.stderr.write(`Value of ${name} (it is not shown): `);
  return new Promise((resolve, reject) => {
    lines.once('line', resolve);
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => reject(new Error(`nothing was changed: no value for ${name}`)));
  }).finally(() => {
    process.stderr.write('\n');
    lines.close();
  }) as Promise<string>;
}
