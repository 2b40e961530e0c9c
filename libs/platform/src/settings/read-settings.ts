import { issueText } from '@causeway/contracts';
import { z } from 'zod';
import { type SettingsDefinition, type SettingsOf, environmentName } from './define-settings.js';

/** Exit code of a process whose settings are wrong: EX_CONFIG of sysexits. */
export const SETTINGS_EXIT_CODE = 78;

/** All problems of the settings, one line each. */
export class SettingsError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The settings are not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

/**
 * Reads settings from an environment. An empty variable counts as not set.
 *
 * @param required  keys that must be set although their schema lets them be absent
 * @throws SettingsError listing every problem at once
 */
export function readSettings<D extends SettingsDefinition>(
  definition: D,
  environment: NodeJS.ProcessEnv,
  required: readonly (keyof D)[] = [],
): SettingsOf<D> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, declaration] of Object.entries(definition)) {
    const names = [environmentName(key), ...(declaration.alsoReads ?? [])];
    const name = names.find((candidate) => environment[candidate]) ?? environmentName(key);
    const text = environment[name] || undefined;
    const parsed = declaration.schema.safeParse(text);
    if (!parsed.success) {
      const shown = text === undefined || declaration.secret ? '' : ` (is ${JSON.stringify(text)})`;
      const reason = text === undefined ? 'is not set' : parsed.error.issues.map(issueText).join('; ');
      problems.push(`${name}: ${reason}${shown}. ${declaration.description}`);
    } else if (parsed.data === undefined && required.includes(key)) {
      problems.push(`${name}: is not set, and this service needs it. ${declaration.description}`);
    } else {
      values[key] = declaration.fromEnvironment ? valuesOf(parsed.data, environment) : parsed.data;
    }
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return values as SettingsOf<D>;
}

function valuesOf(names: unknown, environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.keys(names as object).flatMap((name) => {
      const value = environment[name];
      return value ? [[name, value]] : [];
    }),
  );
}

/** A row of the generated table of settings. */
export interface SettingDescription {
  readonly name: string;
  readonly description: string;
  /** As text; absent when there is none. */
  readonly default?: string;
  readonly required: boolean;
  readonly secret: boolean;
}

/** The rows of a definition's table, in the order of declaration. */
export function describeSettings(definition: SettingsDefinition): SettingDescription[] {
  return Object.entries(definition).map(([key, { schema, description, secret }]) => {
    const absent = z.safeParse(schema, undefined);
    const shown = absent.success && absent.data !== undefined && !secret ? String(absent.data) : undefined;
    return {
      name: environmentName(key),
      description,
      ...(shown === undefined ? {} : { default: shown }),
      required: !absent.success,
      secret: secret ?? false,
    };
  });
}
