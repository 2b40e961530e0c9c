import { sha256 } from './compiled-version.js';

/** An id for the flow that shares another's in one upload: the same upload gives the same one. */
export function twinId(id: string, fileName: string, number: number): string {
  const hex = sha256(`flow of one id ${JSON.stringify([id, fileName, number])}`);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    // The version for ids of an application's own making, and the variant: RFC 9562.
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
