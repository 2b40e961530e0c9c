import { causewayError } from '@causeway/contracts';

const LONGEST_BYTES = 255;

/** @throws CausewayError FILE_NAME_INVALID for a name that no folder of ours could hold */
export function checkFileName(name: string): void {
  const usable =
    name.trim() !== '' &&
    name !== '.' &&
    name !== '..' &&
    !/[/\\\p{Cc}]/u.test(name) &&
    name.isWellFormed() &&
    Buffer.byteLength(name) <= LONGEST_BYTES;
  if (!usable) throw causewayError('FILE_NAME_INVALID', { name: JSON.stringify(name.slice(0, 300)) });
}

/** A file's name in two: `report` and `.pdf`. A leading dot starts no extension. */
export function splitFileName(fileName: string): { name: string; extension: string } {
  const dot = fileName.lastIndexOf('.');
  if (dot <= 0) return { name: fileName, extension: '' };
  return { name: fileName.slice(0, dot), extension: fileName.slice(dot) };
}

/** A file name that is not taken: the wanted one, else `name (1).pdf`, `name (2).pdf`…; shortened where it would be too long. */
export function uniqueFileName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  const { name, extension } = splitFileName(wanted);
  for (let n = 1; ; n++) {
    const end = ` (${n})${extension}`;
    let start = name;
    while (Buffer.byteLength(start + end) > LONGEST_BYTES && start !== '')
      start = [...start].slice(0, -1).join('');
    if (!taken.has(start + end)) return start + end;
  }
}
