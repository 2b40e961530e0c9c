import { authorize, sharesOf } from '@causeway/authz';
import {
  cancelRunRoute,
  getExecution,
  getRun,
  getRunRoute,
  listRuns,
  listRunsRoute,
  runEventsRoute,
  tenantOf,
} from '@causeway/contracts';
import type { Payload, ReplyOf, RouteInput, RouteReply } from '@causeway/contracts';
import { Bus, Payloads, extendContext } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import type { JsonPieces } from '../domain/json-pieces.js';
import { utcTime } from '../domain/utc-time.js';
import { EventStream } from './stream/event-stream.js';
import { type WrittenJson, answerJson } from './answer/answer-json.js';
import { countAnswer } from './answer/count-answer.js';
import { type Call, callerFor } from './door/call.js';
import { SharedFlows } from '../operations/shared-flows.js';
import { nameRun } from './answer/name-run.js';
import { Serve } from './door/serve.js';

/** Runs as Causeway's own API shows them: the scheduler's row joined with the executor's steps. */
@Controller()
export class RunsController {
  constructor(
    private readonly bus: Bus,
    private readonly payloads: Payloads,
    private readonly events: EventStream,
    private readonly shared: SharedFlows,
  ) {}

  @Serve(listRunsRoute)
  list({ query }: RouteInput<typeof listRunsRoute>, call: Call): Promise<RouteReply<typeof listRunsRoute>> {
    return this.bus.request(listRuns, {
      ...tenantOf(call),
      page: { limit: query.limit, ...(query.after !== undefined && { after: query.after }) },
      ...(query.flow_id !== undefined && { flowId: query.flow_id }),
      ...(query.status !== undefined && { status: query.status }),
      ...(query.trigger !== undefined && { trigger: query.trigger }),
      ...(query.from !== undefined && { from: utcTime(query.from) }),
      ...(query.to !== undefined && { to: utcTime(query.to) }),
    });
  }

  @Serve(getRunRoute)
  async get({ params }: RouteInput<typeof getRunRoute>, call: Call): Promise<WrittenJson> {
    // A run of another team's flow is read as the caller acts there; whoever uses none has one request less.
    const hasShares = sharesOf(call.principal).length > 0;
    const acting = hasShares ? await this.actingFor(call, params.runId) : call;
    const which = { ...tenantOf(acting), ...params };
    const [run, execution] = await Promise.all([
      this.bus.request(getRun, which),
      this.bus.request(getExecution, which),
    ]);
    authorize(acting, 'run:read', { type: 'run', ...run });
    nameRun(call, params.runId);
    const { state, epoch, claimedAt, steps } = execution;
    const head = {
      ...run,
      status: state.status === 'unknown' ? run.status : state.status,
      finishedAt: state.finishedAt ?? run.finishedAt,
      epoch,
      claimedAt,
      error:
        state.error ??
        (run.errorCode === null ? null : { code: run.errorCode, message: run.errorMessage ?? run.errorCode }),
    };
    const result = await this.text(call, state.result);
    // The steps are there by now, with what is small of what they gave.
    for (const { outputs } of steps)
      if (outputs && 'inline' in outputs) countAnswer(call, outputs.inline.length);
    countAnswer(call, result.length);
    const before = `${JSON.stringify(head).slice(0, -1)},"result":${result},"steps":[`;
    return answerJson(call, before, this.steps(call, steps), ']}');
  }

  @Serve(runEventsRoute)
  async watch({ params }: RouteInput<typeof runEventsRoute>, call: Call): Promise<void> {
    await this.events.serve(call, params.runId);
  }

  @Serve(cancelRunRoute)
  async cancel(
    { params }: RouteInput<typeof cancelRunRoute>,
    call: Call,
  ): Promise<RouteReply<typeof cancelRunRoute>> {
    nameRun(call, params.runId);
    const { status, requested } = await this.shared.cancelRun(call, params.runId);
    return { run_id: params.runId, status, requested };
  }

  /** The caller in the team in which a run is. @throws CausewayError RUN_UNKNOWN */
  private async actingFor(call: Call, runId: string): Promise<Call> {
    const { principal } = await this.shared.findRun(call, runId);
    const acting = { ...call, ...callerFor(principal) };
    extendContext({ ...acting.tenant, principal });
    return acting;
  }

  /** Steps, one in memory at a time: their results may be large and are not parsed. */
  private async *steps(call: Call, steps: ReplyOf<typeof getExecution>['steps']): AsyncGenerator<JsonPieces> {
    for (const { outputs, ...step } of steps)
      yield [`${JSON.stringify(step).slice(0, -1)},"outputs":`, await this.text(call, outputs), '}'];
  }

  /** The JSON of a payload. */
  private async text({ tenant }: Call, payload: Payload | null | undefined): Promise<string> {
    return payload ? this.payloads.load(payload, tenant.organisationId) : 'null';
  }
}
