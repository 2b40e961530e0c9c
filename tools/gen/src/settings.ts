import { describeSettings } from '@causeway/platform';
import type { SettingsDefinition } from '@causeway/platform';

const START = '<!-- settings: written by `npm run gen` -->';
const END = '<!-- end of settings -->';

/** A page with its settings table brought up to date; the page unchanged when it has no place for one. */
export function withSettings(page: string, settings: SettingsDefinition): string {
  const [before, rest] = page.split(START);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) return page;
  const rows = describeSettings(settings).map(
    ({ name, default: fallback, description, secret }) =>
      `| \`${name}\` | ${secret ? 'secret' : !fallback ? '–' : `\`${fallback}\``} | ${description.replaceAll('|', '\\|')} |`,
  );
  return `${before}${START}\n\n| variable | default | what it does |\n|---|---|---|\n${rows.join('\n')}\n\n${END}${after}`;
}
