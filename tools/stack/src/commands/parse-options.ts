import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/**
 * The switches of an npm command, by name; absent ones are undefined.
 *
 * @param command  as a person types it, such as `npm start`
 * @throws         Error that names the help, for an option that the command does not have
 */
export function parseSwitches<Name extends string>(
  command: string,
  args: readonly string[],
  names: readonly Name[],
): Partial<Record<Name, boolean>> {
  const options: ParseArgsOptionsConfig = Object.fromEntries(
    names.map((name) => [name, { type: 'boolean' }]),
  );
  try {
    return parseArgs({ args: [...args], options }).values as Partial<Record<Name, boolean>>;
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('. ');
    throw new Error(`${reason}; see: ${command} -- --help`, { cause: error });
  }
}
