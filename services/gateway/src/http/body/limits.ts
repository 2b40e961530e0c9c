import { causewayError } from '@causeway/contracts';
import { environmentName } from '@causeway/platform';
import type { Settings } from '../../config.js';

/** A limit as an error names it: by the setting that an operator can change. */
export interface SizeLimit {
  readonly limitBytes: number;
  readonly limitName: string;
}

/** The limit behind a setting. */
export function limitOf<K extends 'maxBodyBytes' | 'maxFlowBytes' | 'maxPromptBytes' | 'maxFileBytes'>(
  settings: Pick<Settings, K>,
  name: K,
): SizeLimit {
  return { limitBytes: settings[name], limitName: environmentName(name) };
}

/** @returns BODY_TOO_LARGE */
export function bodyTooLarge(limit: SizeLimit): Error {
  return causewayError('BODY_TOO_LARGE', { ...limit });
}
