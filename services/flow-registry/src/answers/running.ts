import { FlowProblem, Id, causewayError } from '@causeway/contracts';
import type { InputOf, ReplyOf, getPlan, getVariableValues, resolveFlow } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { compiler } from '../domain/compiler.js';
import { type ResolvedRow, RunnableStore } from '../store/runnable.store.js';
import { placeOfPlan } from '../store/sealing/sealed-places.js';
import { Sealing } from '../store/sealing/sealing.js';
import { Compiling } from '../intake/compiling.js';

const EndpointName = z.string().regex(/^[\w-]{1,200}$/);
/** Ids in an error. */
const SHOWN = 10;
const Problems = z.array(FlowProblem);

/** Answers the requests that start a run: name, plan and variables. */
@Injectable()
export class Running {
  constructor(
    private readonly store: RunnableStore,
    private readonly compiling: Compiling,
    private readonly sealing: Sealing,
  ) {}

  /** The flow of an id, an endpoint name or a name, in this order. Throws FLOW_UNKNOWN, FLOW_NAME_SHARED. */
  async resolve(input: InputOf<typeof resolveFlow>): Promise<ReplyOf<typeof resolveFlow>> {
    const { organisationId, teamId } = input;
    const row = await this.find(input);
    const newest = { versionHash: row.version_hash, ...(await this.factsOf(row)) };
    return {
      organisationId,
      teamId,
      flowId: row.id,
      name: row.name,
      endpointName: row.endpoint_name,
      projectId: row.project_id,
      release: { versions: [{ ...newest, weight: 100 }] },
    };
  }

  /** The plan of a version: by the requested compiler if it has made one, else by this build's. Throws FLOW_UNKNOWN, VERSION_UNKNOWN. */
  async plan(input: InputOf<typeof getPlan>): Promise<ReplyOf<typeof getPlan>> {
    const { flowId, versionHash } = input;
    const row = await this.store.findPlan(input, flowId, versionHash, [input.compiler ?? compiler, compiler]);
    if (!row) throw causewayError('FLOW_UNKNOWN', { flow: flowId });
    if (row.version_hash === null) throw causewayError('VERSION_UNKNOWN', { flowId, versionHash });
    const compiledBy = row.compiled_by ?? compiler;
    const place = placeOfPlan(input.organisationId, { flowId, versionHash, compiledBy }, 'plan');
    const plan =
      row.plan === null
        ? (await this.compiling.renew(flowId, versionHash)).plan
        : await this.sealing.openText(row.plan, place);
    return {
      plan: { inline: plan },
      flowName: row.name,
      compiledBy,
    };
  }

  async values(input: InputOf<typeof getVariableValues>): Promise<ReplyOf<typeof getVariableValues>> {
    const rows = await this.store.findValues(
      input,
      input.names.filter((name) => !name.includes('\u0000')),
    );
    return {
      variables: rows.map((row) => ({
        id: row.id,
        name: row.name,
        type: row.type,
        sealed: row.sealed_value,
        defaultFields: row.default_fields,
        ...(row.allowed_hosts.length > 0 && { allowedHosts: row.allowed_hosts }),
      })),
    };
  }

  private async find(input: InputOf<typeof resolveFlow>): Promise<ResolvedRow> {
    const { flow } = input;
    const { data: id } = Id.safeParse(flow);
    const byId = id === undefined ? undefined : await this.store.findById(input, id);
    if (byId) return byId;
    const isEndpoint = EndpointName.safeParse(flow).success;
    const byEndpoint = isEndpoint ? await this.store.findByEndpoint(input, flow) : undefined;
    if (byEndpoint) return byEndpoint;
    const [named, ...others] = flow.includes('\u0000') ? [] : await this.store.findByName(input, flow);
    if (!named) throw causewayError('FLOW_UNKNOWN', { flow });
    if (others.length === 0) return named;
    const ids = [named, ...others].map((one) => one.id);
    const shown = [...ids.slice(0, SHOWN), ...(ids.length > SHOWN ? ['…'] : [])].join(', ');
    throw causewayError('FLOW_NAME_SHARED', { name: flow, ids: shown });
  }

  private async factsOf(row: ResolvedRow): Promise<{ hasWebhook: boolean; problems: FlowProblem[] }> {
    if (row.problems === null || row.has_webhook === null) {
      const { hasWebhook, problems } = await this.compiling.renew(row.id, row.version_hash);
      return { hasWebhook, problems: [...problems] };
    }
    // Most flows that run have no problems.
    const problems = row.problems === '[]' ? [] : Problems.parse(JSON.parse(row.problems));
    return { hasWebhook: row.has_webhook, problems };
  }
}
