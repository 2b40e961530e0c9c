import { covers, knowsTeam, permissionsAt, permissionsOfRole, principalAt } from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import type { Grant, Level, Permission, Principal } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { known } from '../domain/known-permissions.js';
import { FIND_HOLDER, FIND_ROLES, FIND_VALID, FIND_VALID_BY_ID } from './key.sql.js';
import { RoleStore } from './role.store.js';
import { Tables, type Writes } from './tables.js';

/** The principal of a valid key, and when the key expires. */
export interface ValidKey {
  readonly principal: Principal & { readonly keyId: string };
  readonly expiresAt: string | null;
}

/** A principal as it is now; `expiresAt` is when the key that it uses expires. */
export interface FreshPrincipal {
  readonly principal: Principal;
  readonly expiresAt: string | null;
}

interface ScopedRow {
  readonly id: string;
  readonly organisation_id: string;
  readonly team_id: string;
  readonly permissions: string[];
  readonly roles: readonly {
    readonly role: string;
    readonly level: Level;
    readonly objectId: string;
    readonly teamId: string | null;
    /** Permissions of a custom role. */
    readonly custom: readonly string[] | null;
  }[];
}

interface ValidRow extends ScopedRow {
  readonly expires_at: Date | null;
  readonly kind: 'user' | 'service_account';
  readonly holder_id: string;
  readonly holder_name: string;
}

interface HolderRow {
  readonly holder_name: string;
  readonly is_disabled: boolean;
  readonly team_name: string;
}

/** Who acts, and what they may do now. */
@Injectable()
export class PrincipalStore {
  constructor(
    private readonly tables: Tables,
    private readonly database: Database,
    private readonly roles: RoleStore,
  ) {}

  /**
   * The holder of the key with this hash, and what they may do with it: what their roles and the key both allow. Undefined when the key
   * is not valid, or when the holder has no role in the key's team any more.
   */
  async findByKey(keyHash: string): Promise<ValidKey | undefined> {
    const { rows } = await this.database.query<ValidRow>(FIND_VALID, [keyHash], { name: 'key-find-valid' });
    return validKey(rows[0]);
  }

  /** The same for the key with this id. */
  async findByKeyId(keyId: string, reads: Writes = this.tables.reads): Promise<ValidKey | undefined> {
    const [row] = await reads.$queryRawUnsafe<ValidRow[]>(FIND_VALID_BY_ID, keyId);
    return validKey(row);
  }

  /** Why a key that is neither revoked nor expired cannot be used; undefined when there is no such key. */
  async whyUnusable(keyHash: string): Promise<string | undefined> {
    const { rows } = await this.database.query<HolderRow>(FIND_HOLDER, [keyHash], {
      name: 'key-find-holder',
    });
    const [row] = rows;
    if (!row) return undefined;
    const { holder_name: holder, team_name: team } = row;
    return row.is_disabled
      ? `its holder ${holder} is disabled`
      : `its holder ${holder} has no role in team ${team} any more`;
  }

  /**
   * What each of these keys allows in its team while it is valid and its holder enabled; without a role there, what it would allow with
   * any role.
   */
  async allowedBy(writes: Writes, keyIds: readonly string[]): Promise<Map<string, Permission[]>> {
    const rows = await writes.$queryRawUnsafe<ScopedRow[]>(FIND_ROLES, keyIds);
    return new Map(
      rows.map((row) => {
        const place = { organisationId: row.organisation_id, teamId: row.team_id };
        const grants = grantsOf(row).filter((grant) => covers(grant, place));
        return [row.id, grants.length > 0 ? permissionsAt(grants, place) : known(row.permissions)];
      }),
    );
  }

  /**
   * A principal as it is now, and not as the sender of a message knew it a moment ago.
   *
   * @throws CausewayError KEY_INVALID when its key is not valid any more, when it is disabled, or when it has no role in its team
   */
  async refresh(principal: Principal, reads: Writes = this.tables.reads): Promise<FreshPrincipal> {
    const { kind, id, organisationId, teamId, keyId } = principal;
    if (keyId !== undefined) {
      const found = await this.findByKeyId(keyId, reads);
      if (found?.principal.id === id && found.principal.organisationId === organisationId) return found;
      throw causewayError('KEY_INVALID', {});
    }
    const subject =
      kind === 'user' || kind === 'service_account'
        ? await this.roles.findSubject(organisationId, { kind, id }, reads)
        : undefined;
    if (!subject || subject.isDisabled) throw causewayError('KEY_INVALID', {});
    const grants = await this.roles.grantsOf(organisationId, id, reads);
    const place = { organisationId, teamId };
    const isTeam = (await reads.team.count({ where: { organisationId, id: teamId } })) > 0;
    if (!isTeam || !knowsTeam(grants, place)) throw causewayError('KEY_INVALID', {});
    return { principal: principalAt({ ...principal, name: subject.name, grants }, place), expiresAt: null };
  }
}

function validKey(row: ValidRow | undefined): ValidKey | undefined {
  if (!row) return undefined;
  const tenant = { organisationId: row.organisation_id, teamId: row.team_id };
  const grants = grantsOf(row);
  if (!knowsTeam(grants, tenant)) return undefined;
  const holder: Principal = {
    kind: row.kind,
    id: row.holder_id,
    name: row.holder_name,
    ...tenant,
    permissions: [],
    grants,
  };
  const principal = { ...principalAt(holder, tenant), keyId: row.id };
  return { principal, expiresAt: row.expires_at?.toISOString() ?? null };
}

/** The grants of a holder's roles, without what the key leaves out. */
function grantsOf({ permissions: scope, roles }: ScopedRow): Grant[] {
  return roles.map(({ role, level, objectId, teamId, custom }) => ({
    role,
    level,
    objectId,
    ...(teamId !== null && { teamId }),
    permissions: permissionsOfRole(role, custom ? known(custom) : undefined, level).filter((permission) =>
      scope.includes(permission),
    ),
  }));
}
