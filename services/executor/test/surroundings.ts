import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogue } from '@causeway/components/specs';
import {
  appendAuditEvents,
  claimRun,
  getAllowedHosts,
  getExecution,
  getExecutionStates,
  getPlan,
  getVariableValues,
  reportRuns,
} from '@causeway/contracts';
import type {
  AuditEvent,
  ExecutionState,
  InputOf,
  ReplyOf,
  RunEnvelope,
  RunInput,
  RunReport,
} from '@causeway/contracts';
import { compileFlow, isFinal, parseFlowFile } from '@causeway/dag';
import type { RunStatus } from '@causeway/dag';
import { Bus, Handles, SealedKind, runService } from '@causeway/platform';
import { startKeyOwner, testCaller, testKeys, testVault } from '@causeway/platform/testing';
import { type FlowFile, type TestServer, testDatabase, testNats, waitFor } from '@causeway/testing';
import { Controller, Module } from '@nestjs/common';
import { afterAll } from 'vitest';
import { anEnvelope, tenant } from './an-envelope.js';
import { type Connection, connect } from './connection.js';

/** The data that stand-ins for the other services have, and the messages that they received. */
interface Neighbours {
  readonly flows: Map<string, string>;
  readonly variables: Map<
    string,
    { value: string; type: 'Generic' | 'Credential'; allowedHosts?: readonly string[] }
  >;
  /** By flow id. */
  readonly allowedHosts: Map<string, readonly string[]>;
  readonly reports: RunReport[];
  readonly audit: AuditEvent[];
}
const neighbours: Neighbours = {
  flows: new Map(),
  variables: new Map(),
  allowedHosts: new Map(),
  reports: [],
  audit: [],
};

const vault = testVault();

@Controller()
class Registry {
  @Handles(getPlan)
  plan({ versionHash }: InputOf<typeof getPlan>): ReplyOf<typeof getPlan> {
    const { flows } = parseFlowFile(neighbours.flows.get(versionHash) ?? '');
    const [flow] = flows;
    if (!flow) throw new Error(`no flow ${versionHash}`);
    return { plan: { inline: JSON.stringify(compileFlow(flow, catalogue)) }, flowName: 'A flow' };
  }

  @Handles(getVariableValues)
  async values({
    organisationId,
    names,
  }: InputOf<typeof getVariableValues>): Promise<ReplyOf<typeof getVariableValues>> {
    const variables = names.map(async (name) => {
      const found = neighbours.variables.get(name);
      if (!found) return [];
      const id = randomUUID();
      const sealed = await vault.seal(found.value, { organisationId, kind: SealedKind.variable, id });
      const hosts = found.allowedHosts && { allowedHosts: [...found.allowedHosts] };
      return [{ id, name, type: found.type, sealed, defaultFields: [], ...hosts }];
    });
    return { variables: (await Promise.all(variables)).flat() };
  }

  @Handles(getAllowedHosts)
  hosts({ flowId }: InputOf<typeof getAllowedHosts>): ReplyOf<typeof getAllowedHosts> {
    return { hosts: [...(neighbours.allowedHosts.get(flowId) ?? [])] };
  }
}

@Controller()
class Scheduler {
  @Handles(reportRuns)
  report({ items }: InputOf<typeof reportRuns>): ReplyOf<typeof reportRuns> {
    neighbours.reports.push(...items.map((item) => item.payload));
    return { confirmed: items.map((item) => item.id) };
  }
}

@Controller()
class Audit {
  @Handles(appendAuditEvents)
  append({ items }: InputOf<typeof appendAuditEvents>): ReplyOf<typeof appendAuditEvents> {
    neighbours.audit.push(...items.map((item) => item.payload));
    return { confirmed: items.map((item) => item.id) };
  }
}

@Module({ controllers: [Registry] })
class RegistryModule {}
@Module({ controllers: [Scheduler] })
class SchedulerModule {}
@Module({ controllers: [Audit] })
class AuditModule {}

/** A built executor with real servers, and stand-ins for the services to which it sends requests. */
export interface Surroundings extends Omit<Neighbours, 'flows'> {
  readonly bus: Bus;
  readonly database: Connection;
  readonly nats: TestServer;
  /** What executors have logged. */
  readonly output: { readonly text: string };
  readonly databaseUrl: string;
  /** Starts another executor; settles when it takes runs. */
  startExecutor(more?: Record<string, string>): Promise<ChildProcess>;
  /** A run of a flow that is released, but whose doorbell is not sent. */
  release(flow: FlowFile, input?: Partial<RunInput>, changes?: Partial<RunEnvelope>): Promise<RunEnvelope>;
  /** Releases a run of a flow and sends its doorbell, as the scheduler does. */
  ring(flow: FlowFile, input?: Partial<RunInput>, changes?: Partial<RunEnvelope>): Promise<RunEnvelope>;
  /** Waits for a run's end. */
  ended(runId: string): Promise<ExecutionState>;
  /** The answer of a run that succeeded. */
  answer(runId: string): Promise<Answer>;
  look(runId: string): Promise<ReplyOf<typeof getExecution>>;
}

export interface Answer {
  readonly warnings?: readonly string[];
  readonly session_id: string;
  readonly outputs: readonly {
    readonly inputs: { readonly input_value: string };
    readonly outputs: readonly {
      readonly outputs: { readonly message: { readonly message: string } };
      readonly [key: string]: unknown;
    }[];
  }[];
}

const PROGRAM = new URL('../dist/main.js', import.meta.url);

/** Call it at a file's top level. @param environment  of every executor of the file */
export async function surroundings(environment: Record<string, string> = {}): Promise<Surroundings> {
  const database = await testDatabase({ services: ['executor'] });
  const nats = await testNats();
  const objects = mkdtempSync(join(tmpdir(), 'causeway-objects-'));
  const common = {
    ...testKeys,
    CAUSEWAY_NATS_URL: nats.url,
    CAUSEWAY_OBJECT_STORE: objects,
    CAUSEWAY_LOG_LEVEL: process.env['CAUSEWAY_TEST_LOG_LEVEL'] ?? 'silent',
  };
  const embedded = {
    settings: {},
    environment: common,
    embedded: true,
    callerOf: testCaller,
    version: '0',
  };
  const services = await Promise.all([
    runService({ ...embedded, name: 'flow-registry', module: async () => RegistryModule }),
    runService({ ...embedded, name: 'scheduler', module: async () => SchedulerModule }),
    runService({ ...embedded, name: 'audit', module: async () => AuditModule }),
  ]);
  const [registry] = services;
  const keys = await startKeyOwner(nats.url);
  const bus = registry.get(Bus);
  const executors = new Set<ChildProcess>();
  const output = { text: '' };
  const connection = await connect(database.adminUrl);
  await connection.query('SET search_path = executor');
  afterAll(async () => {
    await Promise.all([...executors].map(end));
    await Promise.all([keys.stop(), ...services.map((service) => service.drain('test is over'))]);
    rmSync(objects, { recursive: true, force: true });
  });

  const states = async (runId: string, withResult: boolean): Promise<ExecutionState | undefined> =>
    (await bus.request(getExecutionStates, { runIds: [runId], withResult })).states[0];

  return {
    ...neighbours,
    output,
    bus,
    database: connection,
    nats,
    databaseUrl: database.urls['executor'] as string,
    async startExecutor(more = {}) {
      const env = {
        ...process.env,
        ...common,
        CAUSEWAY_DATABASE_URL: database.urls['executor'] as string,
        ...environment,
        ...more,
      };
      const child = fork(PROGRAM, { env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        output.text += text;
        if (process.env['CAUSEWAY_TEST_LOG_LEVEL']) process.stdout.write(text);
      });
      executors.add(child);
      child.on('exit', () => executors.delete(child));
      await new Promise<void>((resolve, reject) => {
        child.on('message', () => resolve());
        child.on('exit', (code) => reject(new Error(`the executor ended with ${code}`)));
      });
      return child;
    },
    async release(flow, input = {}, changes = {}) {
      const versionHash = JSON.stringify(flow).length.toString(16).padStart(64, '0') + flow.id;
      neighbours.flows.set(versionHash, JSON.stringify(flow));
      const given: RunInput = { inputType: 'chat', outputType: 'chat', stream: false, ...input };
      const envelope = anEnvelope({ flowId: flow.id as string, versionHash, ...changes });
      const { organisationId, runId } = envelope;
      const place = { organisationId, kind: SealedKind.run, id: runId, part: 'input' };
      return { ...envelope, input: { inline: await vault.seal(JSON.stringify(given), place) }, ...changes };
    },
    async ring(this: Surroundings, flow, input, changes) {
      const envelope = await this.release(flow, input, changes);
      await bus.ring(claimRun, envelope, { messageId: envelope.runId });
      return envelope;
    },
    async ended(runId) {
      return waitFor(
        async () => {
          const state = await states(runId, true);
          return state && state.status !== 'unknown' && isFinal(state.status as RunStatus)
            ? state
            : undefined;
        },
        // On a busy machine the end of a run whose runner has died took 40 s: processes start first.
        { timeoutMs: 100_000, what: `the end of run ${runId}` },
      );
    },
    async answer(this: Surroundings, runId) {
      const state = await this.ended(runId);
      if (state.status !== 'succeeded' || !state.result || !('inline' in state.result))
        throw new Error(`no answer: ${JSON.stringify(state)}`);
      return JSON.parse(state.result.inline) as Answer;
    },
    look: (runId) => bus.request(getExecution, { ...tenant, runId }),
  };
}

/** Ends an executor as an operator would. */
export async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  return gone;
}
