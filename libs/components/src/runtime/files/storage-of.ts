import { asObject } from '../../coerce/value.js';
import type { FieldInput } from '../component.js';

/** The name of a storage other than our own, as the field Storage Location holds it; undefined for our own or none. */
export function storageOf(input: FieldInput): string | undefined {
  const chosen = [input].flat()[0] as FieldInput;
  const name = typeof chosen === 'string' ? chosen : asObject(chosen)?.['name'];
  return typeof name === 'string' && name !== '' && name !== 'Local' ? name : undefined;
}
