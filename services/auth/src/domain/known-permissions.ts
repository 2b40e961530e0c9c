import { Permission } from '@causeway/contracts';

/** The permissions among stored texts: a key or a role may name one that this version does not know. */
export function known(texts: readonly string[]): Permission[] {
  return texts.filter((text): text is Permission => Permission.safeParse(text).success);
}
