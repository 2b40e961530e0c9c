import type { Json, JsonObject } from '@causeway/dag';
import { canonicalJson } from '@causeway/dag';
import type { ComponentContext, ComponentResult, StepAnswer, StepCall, StoredMessage } from './component.js';
import { findRuntime } from './registry.js';
import { storedPlan, testSecrets } from './test-secrets.js';
import { testNode } from './test-node.js';
import type { TestOptions, TestRecord } from './test-options.js';

/** Time of every step in tests. */
export const testNow = '2026-01-31T12:00:00.000Z';
/** Session of every run in tests. */
export const testSession = 'session-1';

/** Runs a component of the catalogue in memory. */
export async function testComponent(
  type: string,
  options: TestOptions = {},
): Promise<TestRecord & ComponentResult> {
  const runtime = await findRuntime(type);
  if (runtime === undefined) throw new Error(`There is no runtime for components of type ${type}.`);
  const { context, record } = testContext(type, options);
  return { ...(await runtime.run(context)), ...record };
}

/** The context of a component in memory, and its records. */
export function testContext(
  type: string,
  options: TestOptions = {},
): { context: ComponentContext; record: TestRecord } {
  const record: TestRecord = { stored: [], emitted: [], steps: [], logs: [] };
  const node = testNode(type, options);
  const signal = options.signal ?? new AbortController().signal;
  const secrets = options.context?.secrets ?? testSecrets(storedPlan(node, options), options);
  const context: ComponentContext = {
    node,
    path: node.path,
    runId: '0f0e0d0c-0000-4000-8000-000000000001',
    flowId: '0f0e0d0c-0000-4000-8000-000000000002',
    flowName: 'Test flow',
    sessionId: testSession,
    start: {
      type: 'start',
      path: node.path,
      nodeId: node.id,
      visit: options.visit ?? 1,
      inputs: [],
      outputs: options.outputs ?? node.outputs.map(({ name }) => name),
      ...(options.phase === undefined ? {} : { phase: options.phase }),
    },
    inputs: { ...options.fields, ...options.inputs },
    signal,
    now: testNow,
    step: stepMaker(node.path, record.steps, signal, options.journal),
    emit: (event, data) => void record.emitted.push({ event, data }),
    chat: {
      messageId: (nodeId) => `message:${nodeId ?? node.path}`,
      store: (message) => void record.stored.push(message),
      list: async ({ limit, ...filter }) =>
        [...(options.history ?? []), ...record.stored]
          .filter((message) => fits(message, filter))
          .slice(-limit),
    },
    files: {
      read: async (path) => {
        const content = Object.hasOwn(options.files ?? {}, path) ? options.files?.[path] : undefined;
        if (content === undefined) throw new Error(`The test has no file ${path}.`);
        const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
        return { bytes, name: path.split('/').at(-1) as string };
      },
    },
    models: {
      providerKeys: {},
      providerBaseUrls: {},
      idleTimeoutMs: 5_000,
      remainingTokens: () => 4096,
      ...options.models,
    },
    secrets,
    http:
      options.http ??
      options.door?.forNode(node.displayName, secrets) ??
      (async (url) => {
        throw new Error(`The test did not expect a call of ${url}.`);
      }),
    requestFields: new Map(),
    findVariable: async (name) =>
      Object.hasOwn(options.variables ?? {}, name) ? options.variables?.[name] : undefined,
    log: (fields, event) => void record.logs.push({ event, fields }),
    ...options.context,
  };
  return { context, record };
}

function stepMaker(
  path: string,
  steps: StepCall[],
  signal: AbortSignal,
  journal: ReadonlyMap<string, StepAnswer> = new Map(),
): ComponentContext['step'] {
  const step = async (call: StepCall): Promise<StepAnswer> => {
    steps.push(call);
    const known = journal.get(stepKey(call.name, call.request));
    if (known !== undefined) return known;
    const answered = await call.call({ idempotencyKey: `${path}/${steps.length}`, signal, step });
    // In the form in which the journal keeps it.
    return JSON.parse(JSON.stringify(answered)) as StepAnswer;
  };
  return step;
}

/** The key of a step's answer in `TestOptions.journal`. */
export function stepKey(name: string, request: Json): string {
  return canonicalJson([name, request]);
}

/** A message of the test session, for histories. */
export function testMessage(text: string, rest: Partial<StoredMessage> = {}): StoredMessage {
  return {
    id: `message:${text}`,
    text,
    sender: 'User',
    senderName: 'User',
    sessionId: testSession,
    contextId: '',
    files: [],
    timestamp: testNow,
    error: false,
    category: 'message',
    properties: {} as JsonObject,
    contentBlocks: [],
    ...rest,
  };
}

function fits(
  message: StoredMessage,
  filter: { sessionId: string; contextId?: string; sender?: string; senderName?: string },
): boolean {
  return (
    message.sessionId === filter.sessionId &&
    (filter.contextId === undefined || message.contextId === filter.contextId) &&
    (filter.sender === undefined || message.sender === filter.sender) &&
    (filter.senderName === undefined || message.senderName === filter.senderName)
  );
}
