import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { ApiError } from './api.js';
import { describeFileProblem } from './flow-files.js';
import { Output } from './output.js';

/** Options of every command. */
export interface Common {
  readonly json?: boolean;
  readonly url?: string;
  readonly key?: string;
}

/** The program `causeway`. */
export const program = new Command('causeway')
  .description('Run Langflow flows in production.')
  .option('--json', 'print one JSON value on stdout, for programs')
  .option('--url <url>', 'address of the server (CAUSEWAY_URL); default: the copy that npm start started')
  .option('--key <key>', 'API key (CAUSEWAY_API_KEY); default: your login, else the key of that copy')
  .version(readVersion(), '--version', 'print the version');

/** Runs a command: its exit code becomes the program's, and its error is printed as one clear line. */
export function act<A extends unknown[]>(
  work: (output: Output, common: Common, ...args: A) => number | Promise<number>,
) {
  return async (...args: unknown[]): Promise<void> => {
    const common = program.opts<Common>();
    const output = new Output(common.json ?? false);
    try {
      process.exitCode = await work(output, common, ...(args as A));
    } catch (error) {
      output.failure(error instanceof ApiError ? error : { message: describeFileProblem(error as Error) });
      process.exitCode = 1;
    }
  };
}

/** Of the platform: its parts are released together. */
function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
