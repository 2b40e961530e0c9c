const MOST_NAME = 200;
const ID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/**
 * The names that a group may get here, the best one first. What looks like an id is no name: whoever names a group would get another one. Two
 * connections may have groups of the same name.
 */
export function groupName(displayName: string, connection: string): string[] {
  const cut = (text: string, most: number): string => text.trim().slice(0, most).toWellFormed();
  const suffix = ` (${connection})`;
  const plain = cut(displayName, MOST_NAME);
  const named = `${cut(displayName, MOST_NAME - suffix.length)}${suffix}`.trim();
  return plain === '' || ID.test(plain) ? [named] : [plain, named];
}
