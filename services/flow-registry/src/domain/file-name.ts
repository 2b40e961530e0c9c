import { LONGEST_FILE_NAME_BYTES as LONGEST_BYTES } from '@causeway/contracts';

/** Splits a file's name into `report` and `.pdf`. A leading dot does not start an extension. */
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
