import { parseCommandLine, USAGE } from './command-line.js';

async function main(): Promise<void> {
  const asked = parseCommandLine(process.argv.slice(2));
  if (asked === undefined) return console.log(USAGE);
  // Loaded only now, so that a wrong option is answered at once.
  const { startIdentityProvider } = await import('./start-identity-provider.js');
  const provider = await startIdentityProvider(asked.options);
  console.log(`identity provider at ${provider.issuer}`);

  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= provider.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (asked.exitsWithStdin) process.stdin.on('end', stop).on('error', stop).resume();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
