import type { Tenant } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** What answers for a name, as stored. */
export interface ResolvedRow {
  readonly id: string;
  readonly name: string;
  readonly endpoint_name: string | null;
  readonly project_id: string;
  readonly version_hash: string;
  readonly webhook: boolean;
  readonly problems: string;
  readonly compiled_by: string;
}

const RESOLVE = `
select f.id, f.name, f.endpoint_name, f.project_id, f.version_hash, f.webhook, v.problems, v.compiled_by
from flow f join flow_version v on v.flow_id = f.id and v.version_hash = f.version_hash
where f.organisation_id = $1 and f.team_id = $2 and f.deleted_at is null and`;

const PLAN = `
select f.name, v.plan, v.compiled_by
from flow f left join flow_version v on v.flow_id = f.id and v.version_hash = $4
where f.organisation_id = $1 and f.team_id = $2 and f.id = $3`;

const VALUES = `
select name, type, sealed_value, default_fields from variable
where organisation_id = $1 and team_id = $2 and name = any($3::text[])`;

/** The questions on a run's path: prepared statements, one row each. */
@Injectable()
export class RunnableStore {
  constructor(private readonly database: Database) {}

  async findById({ organisationId, teamId }: Tenant, id: string): Promise<ResolvedRow | undefined> {
    const { rows } = await this.database.query<ResolvedRow>(
      `${RESOLVE} f.id = $3`,
      [organisationId, teamId, id],
      {
        name: 'flow-by-id',
      },
    );
    return rows[0];
  }

  async findByEndpoint(
    { organisationId, teamId }: Tenant,
    endpointName: string,
  ): Promise<ResolvedRow | undefined> {
    const { rows } = await this.database.query<ResolvedRow>(
      `${RESOLVE} f.endpoint_name = $3`,
      [organisationId, teamId, endpointName],
      { name: 'flow-by-endpoint' },
    );
    return rows[0];
  }

  /** A version's sealed plan; of a deleted flow too, since runs are pinned to it. `plan` is null for an unknown version. */
  async findPlan(
    { organisationId, teamId }: Tenant,
    flowId: string,
    versionHash: string,
  ): Promise<{ name: string; plan: string | null; compiled_by: string | null } | undefined> {
    const { rows } = await this.database.query<{
      name: string;
      plan: string | null;
      compiled_by: string | null;
    }>(PLAN, [organisationId, teamId, flowId, versionHash], { name: 'version-plan' });
    return rows[0];
  }

  /** Sealed values; names that do not exist are absent. */
  async findValues(
    { organisationId, teamId }: Tenant,
    names: readonly string[],
  ): Promise<
    { name: string; type: 'Generic' | 'Credential'; sealed_value: string; default_fields: string[] }[]
  > {
    const { rows } = await this.database.query<{
      name: string;
      type: 'Generic' | 'Credential';
      sealed_value: string;
      default_fields: string[];
    }>(VALUES, [organisationId, teamId, names], { name: 'variable-values' });
    return rows;
  }
}
