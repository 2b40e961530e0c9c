import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

/**
 * A value that is not on the command line, so that it stays out of the shell's history: asked for on a terminal, which does not show what
 * is typed, else everything that standard input holds, without its last line end.
 *
 * @throws Error when there is none, or when the user presses Ctrl-C or Ctrl-D
 */
export async function readValue(name: string): Promise<string> {
  const { isTTY } = process.stdin;
  const value = isTTY ? await ask(name) : (await text(process.stdin)).replace(/\r?\n$/, '');
  if (value !== '') return value;
  throw new Error(
    isTTY
      ? `no value for ${name}: nothing was typed`
      : `no value for ${name}: stdin is empty; write the value there, or after the name`,
  );
}

/** One line from the terminal. It echoes nothing because readline, which edits the line, writes nowhere. */
function ask(name: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  // Asked only now that the terminal's own echo is off.
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
