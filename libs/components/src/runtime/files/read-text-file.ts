import { CoerceError } from '../../coerce/coerce-error.js';

/** Bytes of one file. */
export const maxFileBytes = 20_000_000;

/** Files with these endings cannot be read as text. */
const binaryKinds: Readonly<Record<string, string>> = {
  pdf: 'a PDF document',
  docx: 'a Word document',
  doc: 'a Word document',
  docm: 'a Word document',
  dotx: 'a Word document',
  xlsx: 'an Excel workbook',
  xls: 'an Excel workbook',
  pptx: 'a PowerPoint presentation',
  ppt: 'a PowerPoint presentation',
  odt: 'an OpenDocument text',
  ods: 'an OpenDocument spreadsheet',
  parquet: 'a Parquet table',
  zip: 'an archive',
  tar: 'an archive',
  tgz: 'an archive',
  gz: 'an archive',
  bz2: 'an archive',
  '7z': 'an archive',
  ...Object.fromEntries(
    ['jpg', 'jpeg', 'png', 'gif', 'bmp', 'webp', 'tiff', 'heic', 'ico'].map((ending) => [ending, 'an image']),
  ),
  ...Object.fromEntries(['mp3', 'wav', 'ogg', 'flac', 'm4a'].map((ending) => [ending, 'a sound file'])),
  ...Object.fromEntries(['mp4', 'mov', 'avi', 'mkv', 'webm'].map((ending) => [ending, 'a film'])),
};

/** The ending of a file's name in lower case, without the dot; empty when it has none. */
export function endingOf(name: string): string {
  return /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
}

/**
 * The text of a file: UTF-8, or UTF-16 with a byte order mark, unless an encoding is given.
 *
 * @param encoding  as Python or the web names it: cp1252, latin-1, shift_jis…
 * @throws CoerceError naming the kind of a file that contains no text, the limit, or an unknown encoding
 */
export function readTextFile(name: string, bytes: Uint8Array, encoding = ''): string {
  const ending = endingOf(name);
  const kind = Object.hasOwn(binaryKinds, ending) ? binaryKinds[ending] : undefined;
  if (kind !== undefined) {
    throw new CoerceError(
      `${name} is ${kind} (.${ending}), which cannot be read here; convert it to text, Markdown or CSV first`,
    );
  }
  if (bytes.byteLength > maxFileBytes) {
    throw new CoerceError(`${name} has ${bytes.byteLength} bytes; the limit is ${maxFileBytes}`);
  }
  if (encoding !== '') return decode(bytes, encoding);
  const utf16 = utf16Of(bytes);
  if (utf16 === undefined && bytes.subarray(0, 8192).includes(0)) {
    throw new CoerceError(`${name} is a binary file; only text can be read`);
  }
  return new TextDecoder(utf16 ?? 'utf-8').decode(bytes);
}

function utf16Of(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
}

/** Python writes some names with a dash or an underscore where the web's names have none, or the reverse. */
function decode(bytes: Uint8Array, encoding: string): string {
  const name = encoding.trim().toLowerCase();
  const spellings = [name, name.replaceAll('_', '-'), name.replaceAll('-', '_'), name.replace(/[-_]/g, '')];
  for (const spelling of spellings) {
    try {
      return new TextDecoder(spelling).decode(bytes);
    } catch {
      // Not a name that the web uses; the next spelling may be.
    }
  }
  throw new CoerceError(
    `cannot be read in the encoding ${encoding.slice(0, 40)}, which is not known; use for example utf-8 or cp1252`,
  );
}
