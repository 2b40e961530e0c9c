import { getAllowedHosts, getFile, getPlan, getVariableValues } from '@causeway/contracts';
import type { ReplyOf, RunEnvelope, StoredFile, Tenant } from '@causeway/contracts';
import { Bus } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** The requests that executors send to the flow registry. */
@Injectable()
export class FlowRegistryClient {
  constructor(private readonly bus: Bus) {}

  /** The compiled plan of a version, by this compiler if the registry has it. */
  async plan(
    version: Pick<RunEnvelope, 'organisationId' | 'teamId' | 'flowId' | 'versionHash'>,
    compiler: string,
  ): Promise<ReplyOf<typeof getPlan>> {
    const { organisationId, teamId, flowId, versionHash } = version;
    return this.bus.request(getPlan, { organisationId, teamId, flowId, versionHash, compiler });
  }

  /** The sealed values of a team's variables; names that do not exist are absent. */
  async variables(
    tenant: Tenant,
    names: readonly string[],
  ): Promise<ReplyOf<typeof getVariableValues>['variables']> {
    const { organisationId, teamId } = tenant;
    return (await this.bus.request(getVariableValues, { organisationId, teamId, names: [...names] }))
      .variables;
  }

  /** The hosts to which a flow's secrets may be sent, in addition to those that the flow names. */
  async allowedHosts({ organisationId, teamId, flowId }: Tenant & { flowId: string }): Promise<string[]> {
    return (await this.bus.request(getAllowedHosts, { organisationId, teamId, flowId })).hosts;
  }

  /** An uploaded file, by the path with which a run’s flow names it. @throws CausewayError FILE_UNKNOWN */
  async file(
    { organisationId, teamId, flowId }: Tenant & { flowId: string },
    path: string,
  ): Promise<StoredFile> {
    return this.bus.request(getFile, { organisationId, teamId, runFlowId: flowId, path });
  }
}
