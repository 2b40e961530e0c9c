import type { ErrorEntry } from './error-entry.js';

/** Errors of runs, and of the nodes and models in them. */
export const runErrors = {
  RUN_UNKNOWN: { status: 404, level: 'info', retry: 'never', message: 'There is no run {runId}.' },
  MESSAGE_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no message {messageId}.',
  },
  SESSION_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'No messages were found in the session {sessionId}.',
  },
  TEAM_BUSY: {
    status: 429,
    level: 'info',
    retry: 'later',
    message:
      'This team has {waiting} runs waiting; its limit {limitName} is {limit}. Try again in {retryAfterS} s.',
  },
  IDEMPOTENCY_MISMATCH: {
    status: 422,
    level: 'info',
    retry: 'never',
    message: 'The idempotency key was used for another request; send a new key.',
  },
  TWEAK_INVALID: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'Tweak {tweak} is not usable: {problem}.',
  },
  TWEAK_CODE: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'Tweak {tweak} would change code, which is never allowed; remove it.',
  },
  INPUT_CONFLICT: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'The input is given twice: as input_value and as a tweak on {node}; keep one.',
  },
  RUN_CANCELLED: { status: 409, level: 'info', retry: 'never', message: 'The run was cancelled.' },
  RUN_TIMED_OUT: {
    status: 504,
    level: 'info',
    retry: 'later',
    message: 'The run did not finish within {timeoutMs} ms, the limit CAUSEWAY_RUN_TIMEOUT_MS.',
  },
  QUEUE_TIMED_OUT: {
    status: 504,
    level: 'info',
    retry: 'later',
    message:
      'The run waited longer than the limit CAUSEWAY_QUEUE_TTL_S allows and was not started; submit it again.',
  },
  RUN_DEAD: {
    status: 500,
    level: 'error',
    retry: 'never',
    message: 'The run was ended after {crashes} crashes of its process; see its steps.',
  },
  RUN_UNCONFIRMED: {
    status: 504,
    level: 'warn',
    retry: 'later',
    message:
      'Run {runId} was submitted, but its acceptance was not confirmed in time, so it may be executing. {again}',
  },
  RUN_LOST: {
    status: 500,
    level: 'error',
    retry: 'later',
    message: 'Run {runId} was accepted, but its state cannot be read now; request it again.',
  },
  NODE_FAILED: {
    status: 500,
    level: 'info',
    retry: 'never',
    message: 'Error building Component {node}: {problem}',
  },
  FIELD_INVALID: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'Error building Component {node}: {problem}',
  },
  FIELD_MISSING: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'Component {node} needs a value for {field}; set it in the flow or by a tweak.',
  },
  VARIABLE_MISSING: {
    status: 400,
    level: 'info',
    retry: 'never',
    message:
      'Component {node} takes {field} from the variable {variable}, which does not exist; set it with: npx causeway vars set {variable}',
  },
  MODEL_NOT_CHOSEN: {
    status: 400,
    level: 'info',
    retry: 'never',
    message:
      'Component {node} names no model; choose one on the node, by a tweak, or set a default: npx causeway vars set DEFAULT_MODEL openai/gpt-4.1-mini --generic',
  },
  MODEL_KEY_MISSING: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'Component {node} has no key for {provider}; set it with: npx causeway vars set {variable}',
  },
  MODEL_KEY_WITHHELD: {
    status: 400,
    level: 'info',
    retry: 'never',
    message:
      'Component {node} would call {provider} at {address}, which the flow does not name, and no stored key is sent there. Allow it: {allow}; or send a key with the request too: {remedy}',
  },
  MODEL_UNKNOWN: {
    status: 400,
    level: 'info',
    retry: 'never',
    message:
      'Component {node} names the provider {provider}, which is not supported; supported are {supported}.',
  },
  PROVIDER_FAILED: {
    status: 502,
    level: 'warn',
    retry: 'later',
    message: 'The model provider of {node} answered {status}: {problem}',
  },
  PROVIDER_LIMITED: {
    status: 429,
    level: 'warn',
    retry: 'later',
    message: 'The model provider of {node} limits requests; it answered {status}: {problem}',
  },
  PROVIDER_UNREACHABLE: {
    status: 502,
    level: 'warn',
    retry: 'later',
    message: 'The model provider of {node} cannot be reached: {problem}',
  },
  PROVIDER_TIMED_OUT: {
    status: 504,
    level: 'warn',
    retry: 'later',
    message: 'The model provider of {node} sent nothing for {timeoutMs} ms.',
  },
  LIMIT_TOKENS: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'The run used {used} output tokens; the limit CAUSEWAY_RUN_MAX_TOKENS is {limit}.',
  },
  LIMIT_MEMORY: {
    status: 400,
    level: 'warn',
    retry: 'never',
    message: 'The run used {usedBytes} bytes of memory; the limit {limitName} is {limitBytes}.',
  },
  LIMIT_STEPS: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'Component {node} reached its limit of {limit} {what}.',
  },
  ADDRESS_REFUSED: {
    status: 400,
    level: 'warn',
    retry: 'never',
    message:
      'Component {node} may not call {address}: it is not a public address. An administrator can allow it in CAUSEWAY_OUTBOUND_ALLOW.',
  },
  SECRET_WITHHELD: {
    status: 400,
    level: 'warn',
    retry: 'never',
    message:
      'Component {node} would send {what} in {part} to {address}, which the flow does not name, so the call was not made. Write the address into the flow, or allow it: {remedy}',
  },
  REQUEST_FAILED: {
    status: 502,
    level: 'info',
    retry: 'later',
    message: 'Component {node} could not fetch {address}: {problem}',
  },
  EFFECT_UNKNOWN: {
    status: 500,
    level: 'warn',
    retry: 'never',
    message:
      'An executor died while {node} called {what}. Whether the call arrived is not known, so it is not made again.',
  },
  LEASE_LOST: {
    status: 500,
    level: 'warn',
    retry: 'later',
    message: 'Another executor has taken over run {runId}.',
  },
} as const satisfies Record<string, ErrorEntry>;
