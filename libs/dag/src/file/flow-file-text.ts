import { type Problem, ProblemCode } from '../problem.js';

/** What files of other kinds begin with. */
const beginnings = [
  ['89504e47', 'an image (PNG)'],
  ['ffd8ff', 'an image (JPEG)'],
  ['47494638', 'an image (GIF)'],
  ['25504446', 'a PDF'],
  ['504b0304', 'a ZIP'],
  ['1f8b', 'compressed (gzip)'],
] as const;

/**
 * The text of a flow file.
 *
 * @returns the text; or the problem of bytes that are no text in UTF-8, which names the kind of file if it is a well-known one
 */
export function flowFileText(bytes: Uint8Array): string | Problem {
  const begins = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const kind = beginnings.find(([beginning]) => begins.startsWith(beginning))?.[1];
  if (kind !== undefined) return notText(`The file is ${kind}, not a flow.`);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? notText('The file is binary data, not a flow.') : text;
  } catch {
    return notText('The file is not UTF-8 text.');
  }
}

function notText(message: string): Problem {
  return {
    code: ProblemCode.notJson,
    severity: 'blocking',
    message,
    remedy: 'Export the flow from Langflow again and send the file unchanged.',
    nodes: [],
  };
}
