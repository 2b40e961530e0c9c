import {
  type FlowDocument,
  type InputSource,
  type Json,
  type Plan,
  type PlanNode,
  type Problem,
  type RunCommand,
  type RunEvent,
  type RunScope,
  applyRunInput,
  applyTweaks,
  beginRun,
  blockingProblems,
  chooseScope,
  compileFlow,
  decide,
} from '@causeway/dag';
import { runNode } from '../src/runtime/agent/run-node.js';
import type {
  ComponentResult,
  ComponentRuntime,
  FieldInput,
  StoredMessage,
} from '../src/runtime/component.js';
import { findRuntime } from '../src/runtime/registry.js';
import type { RunSecrets } from '../src/runtime/secrets/run-secrets.js';
import { testContext, testSession } from '../src/runtime/test-context.js';
import type { TestOptions } from '../src/runtime/test-options.js';
import { testSecrets } from '../src/runtime/test-secrets.js';
import { catalogue } from '../src/specs/catalogue.js';
import type { PlainValue } from '../src/specs/values.js';

type StartCommand = Extract<RunCommand, { type: 'start' }>;
type Outputs = ComponentResult['outputs'];

/** The result of a flow. */
export type FlowRun =
  | { readonly refused: readonly Problem[] }
  | {
      readonly status: string;
      /** By node id, of its last visit. */
      readonly results: Readonly<Record<string, Outputs>>;
      /** Paths in the order in which they ran. */
      readonly paths: readonly string[];
      readonly error?: unknown;
    };

/** Runs a whole flow with the real plan, the real reducer and the real components, and nothing else. */
export async function runInMemory(
  document: FlowDocument,
  input: string,
  options: TestOptions & { readonly tweaks?: unknown } = {},
): Promise<FlowRun> {
  const own = compileFlow(document, catalogue);
  const compiled = applyTweaks(own, options.tweaks ?? {});
  const scope = chooseScope(compiled.plan);
  if (!('nodes' in scope)) return { refused: scope };
  const plan = applyRunInput(compiled.plan, scope, { inputValue: input, sessionId: testSession });
  const refused = [...compiled.problems, ...blockingProblems(plan, scope)];
  return refused.length > 0 ? { refused } : new Walk(plan, scope, options, testSecrets(own, options)).run();
}

class Walk {
  private readonly made = new Map<string, Outputs>();
  private readonly paths: string[] = [];
  private readonly stored: StoredMessage[] = [];
  private error: unknown;

  constructor(
    private readonly plan: Plan,
    private readonly scope: RunScope,
    private readonly options: TestOptions,
    private readonly secrets: RunSecrets,
  ) {}

  async run(): Promise<FlowRun> {
    let state = beginRun(this.plan, this.scope);
    const events: RunEvent[] = [{ type: 'begin' }];
    for (let event = events.shift(); event !== undefined; event = events.shift()) {
      const decision = decide(this.plan, this.scope, state, event);
      state = decision.state;
      for (const command of decision.commands) {
        if (command.type === 'start') events.push(await this.start(command));
        if (command.type === 'finish') return this.finish(command);
      }
    }
    throw new Error('The run has no end.');
  }

  private async start(start: StartCommand): Promise<RunEvent> {
    const node = this.plan.nodes[start.nodeId] as PlanNode;
    this.paths.push(start.path);
    const { context, record } = testContext(node.type, {
      ...this.options,
      history: this.stored,
      node,
      context: { start, path: start.path, inputs: this.inputsOf(node, start), secrets: this.secrets },
    });
    try {
      const result = await runNode((await findRuntime(node.type)) as ComponentRuntime, context);
      this.stored.push(...record.stored);
      this.made.set(start.path, result.outputs);
      const { closedOutputs, items } = result;
      return {
        type: 'succeeded',
        path: start.path,
        ...(closedOutputs === undefined ? {} : { closedOutputs }),
        ...(items === undefined ? {} : { items }),
      };
    } catch (error) {
      this.error = error;
      return { type: 'failed', path: start.path, code: 'NODE_FAILED' };
    }
  }

  private inputsOf(node: PlanNode, start: StartCommand): Record<string, FieldInput> {
    const inputs: Record<string, FieldInput> = {};
    for (const [name, field] of Object.entries(node.fields)) {
      if (field.show !== false) inputs[name] = field.filePath ?? field.value;
    }
    const gathered = start.gather === undefined ? [] : [{ field: 'item', sources: start.gather, list: true }];
    for (const { field, sources, list } of [...start.inputs, ...gathered]) {
      if (sources.length === 0 && !list) continue;
      const values = sources.map((source) => this.valueOf(source));
      inputs[field] = (list ? values : values[0]) as FieldInput;
    }
    return inputs;
  }

  private valueOf({ path, output, index }: InputSource): Outputs[string] | Json | undefined {
    const value = this.made.get(path)?.[output];
    return index === undefined ? value : ((value as PlainValue).value as readonly Json[])[index];
  }

  private finish({ status, results }: Extract<RunCommand, { type: 'finish' }>): FlowRun {
    return {
      status,
      results: Object.fromEntries(
        Object.entries(results).map(([id, path]) => [id, this.made.get(path) ?? {}]),
      ),
      paths: this.paths,
      ...(this.error === undefined ? {} : { error: this.error }),
    };
  }
}
