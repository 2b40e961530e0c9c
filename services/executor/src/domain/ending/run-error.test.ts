import { causewayError } from '@causeway/contracts';
import { ProblemCode } from '@causeway/dag';
import type { Problem } from '@causeway/dag';
import { describe, expect, test } from 'vitest';
import { nodeError, problemsError, readCallError, writeCallError } from './run-error.js';

const node = { id: 'n', displayName: 'My Node' };

describe('the error of a node', () => {
  test('has Langflow’s wording', () => {
    const own = causewayError('NODE_FAILED', { node: 'My Node', problem: 'it broke' });
    expect(nodeError(node, own, 'q').message).toBe('Error building Component My Node: \n\nit broke');
    const other = causewayError('MODEL_NOT_CHOSEN', { node: 'My Node' });
    expect(nodeError(node, other, 'q')).toMatchObject({
      code: 'MODEL_NOT_CHOSEN',
      nodeId: 'n',
      nodeName: 'My Node',
    });
  });

  test('does not show the text of an unexpected error', () => {
    const error = nodeError(node, new TypeError('sk-canary is not a function'), 'q');
    expect(error.code).toBe('INTERNAL');
    expect(error.message).not.toContain('canary');
    expect(error.message).toContain('request id q');
  });
});

test('several problems keep their code when they share it', () => {
  const problem = (code: ProblemCode): Problem => ({
    code,
    severity: 'blocking',
    message: 'm.',
    remedy: 'r.',
    nodes: [],
  });
  expect(problemsError([problem(ProblemCode.fieldMissing), problem(ProblemCode.fieldMissing)])).toMatchObject(
    {
      code: 'FIELD_MISSING',
      message: 'm. r.\nm. r.',
    },
  );
  expect(problemsError([problem(ProblemCode.fieldMissing), problem(ProblemCode.cycle)]).code).toBe(
    'FLOW_CANNOT_RUN',
  );
});

test('a failed call fails the same way after a crash', () => {
  const error = causewayError('LIMIT_TOKENS', { used: 3, limit: 2 });
  expect(readCallError(writeCallError(error, 'q'))).toMatchObject({
    code: error.code,
    message: error.message,
    details: error.details,
  });
});
