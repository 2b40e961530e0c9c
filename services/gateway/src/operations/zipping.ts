import { strToU8, zip } from 'fflate';

/** A ZIP of named files; equal names get a number. */
export function zipFiles(
  files: readonly { name: string; content: string | Uint8Array }[],
): Promise<Uint8Array> {
  const entries: Record<string, Uint8Array> = Object.create(null) as Record<string, Uint8Array>;
  for (const { name, content } of files) {
    const safe = name.replace(/[\\/:*?"<>|\p{Cc}]/gu, '_').slice(0, 200) || 'file';
    let free = safe;
    for (let copy = 1; free in entries; copy++)
      free = safe.replace(/(\.[^.]*)?$/, (ending) => ` (${copy})${ending}`);
    entries[free] = typeof content === 'string' ? strToU8(content) : content;
  }
  return new Promise((resolve, reject) =>
    zip(entries, (error, bytes) => (error ? reject(error) : resolve(bytes))),
  );
}
