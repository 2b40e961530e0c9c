import { causewayError } from '../errors/errors.js';

/** Longest name of an uploaded file, in bytes of UTF-8. */
export const LONGEST_FILE_NAME_BYTES = 255;

/**
 * @throws CausewayError FILE_NAME_INVALID for a name that no folder can hold; check it before any part of the file is
 * stored
 */
export function checkFileName(name: string): void {
  const usable =
    name.trim() !== '' &&
    name !== '.' &&
    name !== '..' &&
    !/[/\\\p{Cc}]/u.test(name) &&
    name.isWellFormed() &&
    Buffer.byteLength(name) <= LONGEST_FILE_NAME_BYTES;
  if (!usable) throw causewayError('FILE_NAME_INVALID', { name: JSON.stringify(name.slice(0, 300)) });
}
