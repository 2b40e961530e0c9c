import type { RunBody } from '@causeway/contracts';
import type { RunInput } from '@causeway/contracts';
import type { z } from 'zod';

const VARIABLE_HEADER = 'x-langflow-global-var-';

/** What a run is given, from a request's body and headers. */
export function runInputFrom(
  body: z.infer<typeof RunBody>,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  stream: boolean,
): RunInput {
  const variables = requestVariables(headers);
  return {
    inputType: body.input_type,
    outputType: body.output_type,
    stream,
    ...(body.input_value != null && { inputValue: body.input_value }),
    ...(body.output_component ? { outputComponent: body.output_component } : {}),
    ...(body.tweaks != null && { tweaks: body.tweaks }),
    ...(body.session_id ? { sessionId: body.session_id } : {}),
    ...(Object.keys(variables).length > 0 && { variables }),
  };
}

/** Request variables: headers `X-LANGFLOW-GLOBAL-VAR-<NAME>`, by upper-case name. */
export function requestVariables(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(VARIABLE_HEADER) || typeof value !== 'string') continue;
    variables[header.slice(VARIABLE_HEADER.length).toUpperCase()] = value;
  }
  return variables;
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
