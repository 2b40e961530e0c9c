import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseScript, type ScriptInput } from './script/script.js';
import { startScriptedProvider } from './start-scripted-provider.js';

const USAGE = `Usage: scripted-provider [options]
  --port N             port to listen on; 0, the default, takes a free one
  --host ADDRESS       address to listen on, 127.0.0.1 by default
  --script FILE        JSON with the rules; without it every call gets the default answer
  --log FILE           gets one line of JSON for every finished call
  --exit-with-stdin    stop when standard input ends, as it does when the parent dies`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      script: { type: 'string' },
      log: { type: 'string' },
      'exit-with-stdin': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const provider = await startScriptedProvider({
    port: portOf(values.port),
    host: values.host,
    ...(values.script === undefined ? {} : { script: readScript(values.script) }),
    ...(values.log === undefined ? {} : { logFile: values.log }),
  });
  console.log(`scripted provider at ${provider.url}`);

  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= provider.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (values['exit-with-stdin']) process.stdin.on('end', stop).on('error', stop).resume();
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`--port must be a number from 0 to 65535, not "${text}"`);
}

function readScript(path: string): ScriptInput {
  try {
    return parseScript(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new Error(`--script ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
