import type { Command } from 'commander';

/**
 * Makes each command's complaints about its arguments end with where its help is, and a group of commands name a command that it does not
 * have: its default command would complain about an argument instead.
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
