import type { Command } from 'commander';

/**
 * Adds the command for help to each error about arguments. In a group of commands, an unknown command gets its own error, because the
 * default command would report an unknown argument instead.
 */
export function pointAtHelp(command: Command, above = ''): void {
  const name = `${above}${command.name()}`;
  command.showHelpAfterError(`see: npx ${name} --help`);
  command.hook('preSubcommand', (group, chosen) => {
    const [wanted] = group.args;
    if (wanted === undefined || wanted.startsWith('-') || wanted === chosen.name()) return;
    group.error(
      `error: unknown command '${wanted}'; the commands are ${group.commands.map((each) => each.name()).join(', ')}`,
    );
  });
  for (const each of command.commands) pointAtHelp(each, `${name} `);
}
