import { authorize } from '@causeway/authz';
import {
  cancelRun,
  cancelRunRoute,
  getExecution,
  getRun,
  getRunRoute,
  listRuns,
  listRunsRoute,
  runEventsRoute,
  actorOf,
  tenantOf,
} from '@causeway/contracts';
import type { Payload, RouteInput, RouteReply } from '@causeway/contracts';
import type { Json } from '@causeway/dag';
import { Bus, Payloads } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { utcTime } from '../domain/utc-time.js';
import { EventStream } from './stream/event-stream.js';
import type { Call } from './door/call.js';
import { nameRun } from './door/name-run.js';
import { Serve } from './door/serve.js';

/** Runs as Causeway's own API shows them: the scheduler's row joined with the executor's steps. */
@Controller()
export class RunsController {
  constructor(
    private readonly bus: Bus,
    private readonly payloads: Payloads,
    private readonly events: EventStream,
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
  async get({ params }: RouteInput<typeof getRunRoute>, call: Call): Promise<RouteReply<typeof getRunRoute>> {
    const which = { ...tenantOf(call), ...params };
    const [run, execution] = await Promise.all([
      this.bus.request(getRun, which),
      this.bus.request(getExecution, which),
    ]);
    authorize(call, 'run:read', { type: 'run', ...run });
    nameRun(call, params.runId);
    const { state, epoch, claimedAt, steps } = execution;
    return {
      ...run,
      status: state.status === 'unknown' ? run.status : state.status,
      finishedAt: state.finishedAt ?? run.finishedAt,
      epoch,
      claimedAt,
      result: await this.read(state.result),
      error:
        state.error ??
        (run.errorCode === null ? null : { code: run.errorCode, message: run.errorMessage ?? run.errorCode }),
      steps: await Promise.all(
        steps.map(async (step) => ({ ...step, outputs: await this.read(step.outputs) })),
      ),
    };
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
    const { status, requested } = await this.bus.request(cancelRun, {
      ...tenantOf(call),
      ...actorOf(call),
      ...params,
    });
    return { run_id: params.runId, status, requested };
  }

  private async read(payload: Payload | null | undefined): Promise<Json> {
    return payload ? (JSON.parse(await this.payloads.load(payload)) as Json) : null;
  }
}
