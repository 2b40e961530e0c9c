import { causewayError } from '@causeway/contracts';

const MOST_PARTS = 50;
const MOST_HEADER_BYTES = 16 * 1024;
const MOST_BOUNDARY_CHARACTERS = 200;

/** One part of a form in memory. */
export interface FormPart {
  readonly name: string;
  /** The name of the file, when the part is one. */
  readonly fileName?: string;
  readonly contentType?: string;
  readonly content: Buffer;
}

/**
 * The parts of a multipart body, whose bytes are left as they are.
 * Source: RFC 7578, RFC 2046.
 *
 * @throws CausewayError REQUEST_INVALID
 */
export function splitForm(body: Buffer, contentType: string | undefined): FormPart[] {
  const delimiter = Buffer.from(`\r\n--${boundaryOf(contentType)}`, 'latin1');
  const parts: FormPart[] = [];
  // The first delimiter may be at the very beginning, without a line break before it.
  const opening = delimiter.subarray(2);
  let at = body.subarray(0, opening.length).equals(opening) ? opening.length : after(body, delimiter, 0);
  for (;;) {
    if (body.subarray(at, at + 2).toString('latin1') === '--') return parts;
    const start = body.indexOf('\r\n', at);
    const end = start === -1 ? -1 : body.indexOf(delimiter, start);
    if (end === -1) throw invalid('body: the form ends before its last boundary');
    if (parts.length >= MOST_PARTS) throw invalid(`body: the form has more than ${MOST_PARTS} parts`);
    parts.push(readPart(body.subarray(start + 2, Math.max(start + 2, end))));
    at = end + delimiter.length;
  }
}

/**
 * The boundary that a multipart content type names.
 *
 * @throws CausewayError REQUEST_INVALID
 */
export function boundaryOf(contentType: string | undefined): string {
  const [, quoted, plain] = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^;\s]*))/i.exec(contentType ?? '') ?? [];
  const boundary = quoted ?? plain ?? '';
  if (boundary === '') throw invalid('headers.content-type: a multipart body needs a boundary');
  if (boundary.length > MOST_BOUNDARY_CHARACTERS)
    throw invalid(`headers.content-type: the boundary has more than ${MOST_BOUNDARY_CHARACTERS} characters`);
  return boundary;
}

function after(body: Buffer, delimiter: Buffer, from: number): number {
  const at = body.indexOf(delimiter, from);
  if (at === -1) throw invalid('body: the form does not have the boundary that its content type names');
  return at + delimiter.length;
}

function readPart(part: Buffer): FormPart {
  const hasHeaders = part.subarray(0, 2).toString('latin1') !== '\r\n';
  const end = hasHeaders ? part.indexOf('\r\n\r\n') : -2;
  if (end === -1 || end > MOST_HEADER_BYTES)
    throw invalid('body: a part of the form has no end of its headers');
  const headers = hasHeaders ? part.subarray(0, end).toString('utf8') : '';
  const disposition = /^content-disposition:(.*)$/im.exec(headers)?.[1] ?? '';
  const name = parameter(disposition, 'name');
  if (name === undefined) throw invalid('body: a part of the form has no name');
  const fileName = parameter(disposition, 'filename') ?? parameter(disposition, 'filename\\*');
  const contentType = /^content-type:(.*)$/im.exec(headers)?.[1]?.trim();
  return {
    name,
    ...(fileName !== undefined && { fileName }),
    ...(contentType !== undefined && { contentType }),
    content: part.subarray(end + 4),
  };
}

function parameter(disposition: string, name: string): string | undefined {
  const [, quoted, plain] =
    new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, 'i').exec(disposition) ?? [];
  return quoted?.replace(/\\(.)/g, '$1') ?? plain;
}

function invalid(problems: string): Error {
  return causewayError('REQUEST_INVALID', { problems });
}
