import type { z } from 'zod';

/** One setting: how its text is read, and a sentence that says what it does, with its unit. */
export interface SettingDeclaration<S extends z.ZodType = z.ZodType> {
  /** Reads the text of an environment variable; `undefined` when it is not set. Defaults belong here. */
  readonly schema: S;
  readonly description: string;
  /** Its value is never shown, not even in an error. @default false */
  readonly secret?: boolean;
  /**
   * The schema reads a list of names into a record; each name gets the value of the environment variable of that name, and names
   * without a value are left out. @default false
   */
  readonly fromEnvironment?: boolean;
  /** Names of other variables, such as standard ones, that are read when the setting's own variable is not set. */
  readonly alsoReads?: readonly string[];
}

export type SettingsDefinition = Readonly<Record<string, SettingDeclaration>>;

/** The values of a definition. */
export type SettingsOf<D extends SettingsDefinition> = { readonly [K in keyof D]: z.output<D[K]['schema']> };

/** Declares settings. The environment variable of `httpPort` is `CAUSEWAY_HTTP_PORT`. */
export function defineSettings<const D extends SettingsDefinition>(definition: D): D {
  return definition;
}

/** The environment variable of a setting. */
export function environmentName(key: string): string {
  return `CAUSEWAY_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
