import { causewayError, runMembers } from '@causeway/contracts';
import type { RunBody, RunInput } from '@causeway/contracts';
import { NameList } from '@causeway/dag';
import type { z } from 'zod';

const VARIABLE_HEADER = 'x-langflow-global-var-';

/** The input of a run, from a request's body and headers. */
export function runInputFrom(
  body: z.infer<typeof RunBody>,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  stream: boolean,
): RunInput {
  const variables = requestVariables(headers);
  const ignored = unknownMembers(body);
  return {
    inputType: body.input_type,
    outputType: body.output_type,
    stream,
    ...(body.input_value != null && { inputValue: body.input_value }),
    ...(body.output_component ? { outputComponent: body.output_component } : {}),
    ...(body.tweaks != null && { tweaks: body.tweaks }),
    ...(body.session_id ? { sessionId: body.session_id } : {}),
    ...(Object.keys(variables).length > 0 && { variables }),
    ...(ignored.length > 0 && { ignored }),
  };
}

function unknownMembers(body: z.infer<typeof RunBody>): string[] {
  const names = new NameList();
  for (const [name, value] of Object.entries(body))
    if (value !== null && !runMembers.has(name)) names.add(name);
  return names.toArray();
}

/**
 * Request variables: headers `X-LANGFLOW-GLOBAL-VAR-<NAME>`, by upper-case name. A header holds ASCII only, so other text is sent
 * percent-encoded as in RFC 8187 (`UTF-8''caf%C3%A9`), or as plain UTF-8 or ISO-8859-1.
 *
 * @throws CausewayError TEXT_INVALID, CHARSET_UNSUPPORTED
 */
export function requestVariables(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(VARIABLE_HEADER) || typeof value !== 'string') continue;
    variables[header.slice(VARIABLE_HEADER.length).toUpperCase()] = headerText(value, header);
  }
  return variables;
}

/** The text of a header, which Node decodes as ISO-8859-1. Percent-encoding of ASCII only is kept: it belongs to a URL. */
function headerText(value: string, header: string): string {
  const [, charset, encoded] =
    /^(utf-8|iso-8859-1)'[\w-]*'((?:%[0-9a-f]{2}|[!#$&+.^_`|~\w-])*)$/i.exec(value) ?? [];
  if (charset !== undefined && encoded !== undefined) {
    const bytes = encoded.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    const text = charset.toLowerCase() === 'utf-8' ? utf8Text(bytes) : bytes;
    if (text === undefined)
      throw causewayError('TEXT_INVALID', { what: `headers.${header}`, charset: 'UTF-8' });
    return text;
  }
  const text = utf8Text(value) ?? value;
  if (!/%[89a-f]/i.test(text)) return text;
  try {
    return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'));
  } catch {
    return text;
  }
}

/** The text whose UTF-8 bytes these characters are; undefined when the bytes are not UTF-8. */
function utf8Text(bytes: string): string | undefined {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return decoder.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

/** How a caller wants the answer. */
export interface Preference {
  /** Answer 202 at once. */
  readonly async: boolean;
  /** Answer 202 when the run takes longer, in milliseconds. */
  readonly waitMs?: number;
}

/** Reads `Prefer: respond-async, wait=10` and the query's `wait`. Source: RFC 7240. */
export function preferenceFrom(header: string | undefined, waitS: number | undefined): Preference {
  const words = (header ?? '').split(',').map((word) => word.trim().toLowerCase());
  const wait = words
    .map((word) => /^wait=(\d{1,4})$/.exec(word)?.[1])
    .find((seconds) => seconds !== undefined);
  const seconds = waitS ?? (wait === undefined ? undefined : Number(wait));
  const async = words.includes('respond-async');
  return seconds === undefined ? { async } : { async: false, waitMs: seconds * 1000 };
}
