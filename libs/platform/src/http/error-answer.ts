import { errorEntry } from '@causeway/contracts';
import type { CausewayError } from '@causeway/dag';

/** The HTTP answer for an error. */
export interface ErrorAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/**
 * Makes the answer for an error: on Langflow's paths `{detail, code, request_id}`, with `run_id` when there is a run; on those of SCIM its error message (RFC 7644, 3.12), and on
 * all others a problem document (RFC 9457), with the same members.
 */
export function errorAnswer(
  error: CausewayError,
  path: string,
  requestId: string,
  runId?: string,
): ErrorAnswer {
  const status = statusOf(error);
  const run = runId === undefined ? {} : { run_id: runId };
  if (/^\/api\/v[12]\//.test(path))
    return {
      status,
      contentType: 'application/json; charset=utf-8',
      body: JSON.stringify({ detail: error.message, code: error.code, request_id: requestId, ...run }),
    };
  if (path.startsWith('/scim/'))
    return {
      status,
      contentType: 'application/scim+json',
      body: JSON.stringify(scimErrorOf(error, status, requestId)),
    };
  return {
    status,
    contentType: 'application/problem+json',
    body: JSON.stringify({ ...problemOf(error, status, requestId), ...run }),
  };
}

function statusOf(error: CausewayError): number {
  const { status } = error.details;
  const fixed = errorEntry(error.code).status;
  // A refusal of the framework (415, 405 …) keeps its status; every other code has its registered status.
  return error.code === 'REQUEST_INVALID' && typeof status === 'number' ? status : fixed;
}

/** What SCIM calls errors that have a name of their own here. Source: RFC 7644, section 3.12. */
const scimTypes: Readonly<Record<string, string>> = {
  REQUEST_NOT_JSON: 'invalidSyntax',
  REQUEST_INVALID: 'invalidValue',
  SCIM_TAKEN: 'uniqueness',
  OWNER_LAST: 'mutability',
  KEY_OF_OWNER_LAST: 'mutability',
};

function scimErrorOf(error: CausewayError, status: number, requestId: string): Record<string, unknown> {
  const scimType = error.details['scimType'] ?? scimTypes[error.code];
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    ...(scimType !== undefined && { scimType }),
    detail: error.message,
    code: error.code,
    request_id: requestId,
  };
}

function problemOf(error: CausewayError, status: number, requestId: string): Record<string, unknown> {
  const { list, ...details } = error.details;
  return {
    type: `urn:causeway:error:${error.code}`,
    title: error.code,
    status,
    detail: error.message,
    code: error.code,
    request_id: requestId,
    ...(list === undefined ? {} : { errors: list }),
    ...(Object.keys(details).length === 0 ? {} : { details }),
  };
}
