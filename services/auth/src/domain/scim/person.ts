import type { Fields } from './matches.js';

const MOST_NAME = 200;
const MOST_EMAIL = 320;

/** The name and the e-mail address that are shown of a person whom SCIM has sent. */
export function personOf(resource: Fields): { readonly name: string; readonly email: string | null } {
  const { formatted, givenName, familyName } = (resource['name'] ?? {}) as Partial<Record<string, string>>;
  const parts = [givenName, familyName].filter((part) => part !== undefined).join(' ');
  const shown = [
    resource['displayName'] as string | undefined,
    formatted,
    parts,
    resource['userName'] as string,
  ];
  const name = shown.map((one) => one?.trim() ?? '').find((one) => one !== '') ?? 'somebody without a name';
  const emails = (resource['emails'] ?? []) as { value?: string; primary?: boolean }[];
  const email = (emails.find(({ primary }) => primary) ?? emails[0])?.value ?? null;
  return { name: cut(name, MOST_NAME), email: email === null || email.length > MOST_EMAIL ? null : email };
}

function cut(text: string, most: number): string {
  return text.slice(0, most).toWellFormed();
}
