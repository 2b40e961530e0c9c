import type {
  ComponentContext,
  ComponentResult,
  ComponentRuntime,
  FieldInput,
} from '@causeway/components/runtime';
import { findRuntime, runNode } from '@causeway/components/runtime';
import { causewayError } from '@causeway/contracts';
import type { PlanNode } from '@causeway/dag';
import { log, span } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { nodeInputs, wiredFields } from '../domain/prepare/node-inputs.js';
import type { StartCommand } from '../domain/prepare/node-inputs.js';
import { ChatMemory } from './values/chat-memory.js';
import { FlowFiles } from './values/flow-files.js';
import { Outside } from '../runner/outside.js';
import type { RunAttempt } from './run-attempt.js';
import type { RunValues } from './values/run-values.js';
import { StepCalls } from './step-calls.js';
import { credential } from './values/secrecy.js';
import { Variables } from './values/variables.js';

/** Executes one visit of a node: collects the values of its fields, and runs its component. */
@Injectable()
export class NodeRunner {
  private readonly runtimes = new Map<string, ComponentRuntime>();

  constructor(
    private readonly calls: StepCalls,
    private readonly memory: ChatMemory,
    private readonly files: FlowFiles,
    private readonly variables: Variables,
    private readonly outside: Outside,
  ) {}

  /** @throws what the component throws; FLOW_CANNOT_RUN for a type that this executor does not have */
  async run(attempt: RunAttempt, values: RunValues, start: StartCommand): Promise<ComponentResult> {
    const node = attempt.plan.nodes[start.nodeId] as PlanNode;
    const runtime = await this.runtimeOf(node);
    const wired = new Map<string, FieldInput>();
    for (const { field, sources, list } of wiredFields(attempt.plan, start)) {
      if (sources.length === 0 && !start.gather) continue;
      const received = await Promise.all(sources.map((source) => values.receive(source)));
      wired.set(field, list ? received.filter((value) => value !== undefined) : received[0]);
    }
    const inputs = nodeInputs(node, attempt.fields, wired);
    const fromRequest = [...(attempt.fromRequest.get(node.id) ?? [])].filter(([field]) => !wired.has(field));
    const context = this.contextOf(attempt, node, start, inputs, new Map(fromRequest));
    try {
      return await span(
        'node.execute',
        { 'causeway.node.type': node.type, 'causeway.node.id': node.id },
        () => runNode(runtime, context),
      );
    } catch (error) {
      throw attempt.secrets.maskError(error);
    }
  }

  private async runtimeOf(node: PlanNode): Promise<ComponentRuntime> {
    const known = this.runtimes.get(node.type) ?? (await findRuntime(node.type));
    if (!known)
      throw causewayError('FLOW_CANNOT_RUN', {
        problems: `this executor has no component of type ${node.type}.`,
      });
    this.runtimes.set(node.type, known);
    return known;
  }

  private contextOf(
    attempt: RunAttempt,
    node: PlanNode,
    start: StartCommand,
    inputs: ComponentContext['inputs'],
    requestFields: ComponentContext['requestFields'],
  ): ComponentContext {
    const { envelope, input, tokens } = attempt;
    const limit = envelope.limits.maxTokens;
    return {
      node,
      start,
      inputs,
      path: start.path,
      runId: envelope.runId,
      flowId: envelope.flowId,
      flowName: attempt.flowName,
      sessionId: attempt.sessionId,
      signal: attempt.signal,
      now: attempt.clock.iso(),
      watched: attempt.isShown,
      requestVariables: input.variables ?? {},
      requestFields,
      step: this.calls.of(attempt, node, start.path),
      emit: attempt.emit,
      chat: this.memory.of(attempt, start.path),
      files: this.files.of(envelope, input),
      models: { ...this.outside.models, tokenLimit: limit, remainingTokens: () => limit - tokens.used },
      http: this.outside.http(node.displayName, attempt.secrets),
      secrets: attempt.secrets,
      findVariable: async (name) => {
        const found = (await this.variables.find(envelope, {}, [name])).get(name);
        if (found?.isCredential === true) attempt.secrets.add(credential(name, found));
        return found?.value;
      },
      log: (fields, event) => log.info({ ...fields, nodeId: node.id }, event),
    };
  }
}
