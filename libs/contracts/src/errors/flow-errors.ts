import type { ErrorEntry } from './error-entry.js';

/** Errors of flows, projects, variables and files. */
export const flowErrors = {
  FLOW_UNKNOWN: { status: 404, level: 'info', retry: 'never', message: 'Flow identifier {flow} not found' },
  FLOW_NAME_SHARED: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'Several flows have the name {name}; use the id of one of them: {ids}.',
  },
  FLOW_INVALID: { status: 400, level: 'info', retry: 'never', message: '{problems}' },
  FLOW_CANNOT_RUN: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'This flow cannot run: {problems}',
  },
  WEBHOOK_MISSING: {
    status: 400,
    level: 'info',
    retry: 'never',
    message:
      'Flow {name} has no Webhook node, so nothing in it would receive the event. Add a Webhook node to the flow, or start it with POST /api/v1/run/{flowId}.',
  },
  FLOW_LOCKED: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'Flow {name} is locked; unlock it before changing it.',
  },
  FLOW_NAME_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message:
      'The project {project} of that team already has a flow named {name}; rename one of the two first.',
  },
  PROJECT_NAME_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'That team already has a project named {name}; rename one of the two first.',
  },
  MOVE_REFUSED: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'Nothing was moved: {problem}.',
  },
  ENDPOINT_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'The endpoint name {endpointName} belongs to another flow; choose another.',
  },
  VERSION_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'Flow {flowId} has no version {versionHash}.',
  },
  PROJECT_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no project {projectId}.',
  },
  VARIABLE_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no variable {variable}.',
  },
  VARIABLE_TAKEN: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'A variable named {name} exists already; change that one or choose another name.',
  },
  FILE_UNKNOWN: { status: 404, level: 'info', retry: 'never', message: 'There is no file {file}.' },
  FILE_NOT_IMAGE: {
    status: 415,
    level: 'info',
    retry: 'never',
    message: 'The file {file} is not an image that can be shown; download it instead.',
  },
  FILE_NAME_INVALID: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'File name {name} is not usable: no slashes, no control characters, at most 255 bytes.',
  },
} as const satisfies Record<string, ErrorEntry>;
