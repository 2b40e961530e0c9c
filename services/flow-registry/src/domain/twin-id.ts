import { sha256 } from './compiled-version.js';

/** A new id for a flow that has the same id as another flow of the upload. The same upload gives the same id. */
export function twinId(id: string, fileName: string, number: number): string {
  const hex = sha256(`flow of one id ${JSON.stringify([id, fileName, number])}`);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    // Version 8 is for ids that an application defines itself; then follows the variant. Source: RFC 9562.
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
