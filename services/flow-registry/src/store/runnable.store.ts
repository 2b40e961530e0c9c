import type { Tenant } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { compiler } from '../domain/compiler.js';

/** The row of the flow that a name resolves to, with the version that its runs use. */
export interface ResolvedRow {
  readonly id: string;
  readonly name: string;
  readonly endpoint_name: string | null;
  readonly project_id: string;
  readonly version_hash: string;
  /** This column and the next are by this build's compiler; null when it has not compiled the version yet. */
  readonly has_webhook: boolean | null;
  readonly problems: string | null;
}

/** A version's plan, as stored. */
export interface PlanRow {
  readonly name: string;
  readonly version_hash: string | null;
  readonly plan: string | null;
  readonly compiled_by: string | null;
}

/** A variable's value, sealed. */
export interface ValueRow {
  readonly id: string;
  readonly name: string;
  readonly type: 'Generic' | 'Credential';
  readonly sealed_value: string;
  readonly default_fields: string[];
  readonly allowed_hosts: string[];
}

const RESOLVE = `
select f.id, f.name, f.endpoint_name, f.project_id, coalesce(f.published_hash, f.version_hash) as version_hash,
       p.has_webhook, p.problems
from flow f left join compiled_plan p
  on p.flow_id = f.id and p.version_hash = coalesce(f.published_hash, f.version_hash) and p.compiled_by = '${compiler}'
where f.organisation_id = $1 and f.team_id = $2 and f.deleted_at is null and`;

const MOST_SHARED = 11;

const PLAN = `
select f.name, v.version_hash, p.plan, p.compiled_by
from flow f left join flow_version v on v.flow_id = f.id and v.version_hash = $4
left join compiled_plan p on p.flow_id = v.flow_id and p.version_hash = v.version_hash and p.compiled_by = any($5::text[])
where f.organisation_id = $1 and (f.team_id = $2 or $2 = any(f.former_team_ids)) and f.id = $3
order by p.compiled_by = ($5::text[])[1] desc nulls last limit 1`;

const VALUES = `
select id, name, type, sealed_value, default_fields, allowed_hosts from variable
where organisation_id = $1 and team_id = $2 and name = any($3::text[])`;

/** The queries while a run starts and executes: prepared statements. */
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

  /** The flows of this name: several when projects share it, at most eleven. */
  async findByName({ organisationId, teamId }: Tenant, name: string): Promise<ResolvedRow[]> {
    const { rows } = await this.database.query<ResolvedRow>(
      `${RESOLVE} f.name = $3 order by f.id limit ${MOST_SHARED}`,
      [organisationId, teamId, name],
      { name: 'flow-by-name' },
    );
    return rows;
  }

  /**
   * A version's sealed plan, also of a flow that was deleted or moved to another team, since runs are pinned to it. `version_hash` is null for an unknown version, `plan`
   * when none of the compilers has made one. The first compiler's plan is preferred.
   */
  async findPlan(
    { organisationId, teamId }: Tenant,
    flowId: string,
    versionHash: string,
    compilers: readonly string[],
  ): Promise<PlanRow | undefined> {
    const { rows } = await this.database.query<PlanRow>(
      PLAN,
      [organisationId, teamId, flowId, versionHash, compilers],
      { name: 'version-plan' },
    );
    return rows[0];
  }

  /** Sealed values; names that do not exist are absent. */
  async findValues({ organisationId, teamId }: Tenant, names: readonly string[]): Promise<ValueRow[]> {
    const { rows } = await this.database.query<ValueRow>(VALUES, [organisationId, teamId, names], {
      name: 'variable-values',
    });
    return rows;
  }
}
