import {
  covers,
  knowsTeam,
  permissionsAt,
  permissionsOfRole,
  principalAt,
  sharedPermissions,
  workTeam,
} from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import type { Grant, Level, Permission, Principal } from '@causeway/contracts';
import { Database, SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';
import { known } from '../domain/known-permissions.js';
import { FIND_HOLDER, FIND_ROLES, FIND_VALID, FIND_VALID_BY_ID } from './key.sql.js';
import { RoleStore } from './role.store.js';
import { FIND_TOKEN, FIND_TOKEN_BY_ID } from './oauth/token.sql.js';
import { FIND_SESSION, FIND_SESSION_BY_ID, USE_SESSION } from './sign-in/session.sql.js';
import { ScimTokenStore } from './scim/scim-token.store.js';
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

interface RoleRow {
  readonly role: string;
  readonly level: Level;
  readonly objectId: string;
  readonly teamId: string | null;
  /** Name of the group that has it. */
  readonly group: string | null;
  /** Permissions of a custom role. */
  readonly custom: readonly string[] | null;
  /** The team that has it, and so everybody who has a role in that whole team. */
  readonly sharedWithId: string | null;
  readonly sharedWith: string | null;
}

interface ScopedRow {
  readonly id: string;
  readonly organisation_id: string;
  readonly team_id: string;
  readonly permissions: string[];
  readonly roles: readonly RoleRow[];
}

interface ValidRow extends ScopedRow {
  /** Of a key. */
  readonly origins?: readonly string[];
  readonly made_by_token_id?: string | null;
  readonly expires_at: Date | null;
  readonly kind: 'user' | 'service_account';
  readonly holder_id: string;
  readonly holder_name: string;
}

interface SessionRow extends Omit<ScopedRow, 'permissions'> {
  readonly expires_at: Date;
  readonly holder_id: string;
  readonly holder_name: string;
}

/** The principal of a valid session, and when the session expires however much it is used. */
export interface ValidSession {
  readonly principal: Principal & { readonly sessionId: string };
  readonly expiresAt: string;
}

/** The principal of a valid access token, and when the token expires. */
export interface ValidToken {
  readonly principal: Principal & { readonly tokenId: string };
  readonly expiresAt: string;
}

interface HolderRow {
  readonly holder_name: string;
  readonly is_disabled: boolean;
  readonly is_maker_disabled: boolean;
  readonly is_token_ended: boolean;
  readonly team_name: string;
}

/** Where people sign in: a page of the gateway. */
const SIGN_IN_PAGE = '/sign-in';

/** Who acts, and what they may do now. */
@Injectable()
export class PrincipalStore {
  constructor(
    private readonly tables: Tables,
    private readonly database: Database,
    private readonly roles: RoleStore,
    private readonly scimTokens: ScimTokenStore,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'sessionIdleMs'>,
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

  /** Who is signed in with the token that has this hash. @param isUse  whether it counts as a use of the session */
  async findBySession(tokenHash: string, isUse: boolean): Promise<ValidSession | undefined> {
    const values = [tokenHash, this.settings.sessionIdleMs];
    const { rows } = await this.database.query<SessionRow>(FIND_SESSION, values, {
      name: 'session-find-valid',
    });
    const found = validSession(rows[0]);
    if (found && isUse)
      await this.database.query(USE_SESSION, [found.principal.sessionId], { name: 'session-use' });
    return found;
  }

  /** For whom the access token with this hash acts, and what they may do with it: what their roles and the token both allow. @param expiredForS  for how many seconds it may have expired */
  async findByToken(tokenHash: string, expiredForS = 0): Promise<ValidToken | undefined> {
    const { rows } = await this.database.query<ValidRow>(FIND_TOKEN, [tokenHash, expiredForS], {
      name: 'token-find-valid',
    });
    return validToken(rows[0]);
  }

  /** Why a key that is neither revoked nor expired cannot be used; undefined when there is no such key. */
  async whyUnusable(keyHash: string): Promise<string | undefined> {
    const { rows } = await this.database.query<HolderRow>(FIND_HOLDER, [keyHash], {
      name: 'key-find-holder',
    });
    const [row] = rows;
    if (!row) return undefined;
    const { holder_name: holder, team_name: team } = row;
    if (row.is_disabled) return `its holder ${holder} is disabled`;
    if (row.is_token_ended) return 'the access token with which it was made has ended';
    return row.is_maker_disabled
      ? 'somebody who made it, or with whose key it was made, is disabled'
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
   * @throws CausewayError KEY_INVALID when its key is not valid any more, when it is disabled, or when it has no role in its team;
   * SESSION_ENDED, TOKEN_INVALID, SCIM_TOKEN_INVALID
   */
  async refresh(principal: Principal, reads: Writes = this.tables.reads): Promise<FreshPrincipal> {
    const { kind, id, organisationId, teamId, keyId, sessionId, tokenId } = principal;
    if (kind === 'scim') {
      if (await this.scimTokens.isValid(principal, reads)) return { principal, expiresAt: null };
      throw causewayError('SCIM_TOKEN_INVALID', {});
    }
    // Before the token: a key that was made with one may allow less.
    if (keyId !== undefined) {
      const found = await this.findByKeyId(keyId, reads);
      if (found?.principal.id === id && found.principal.organisationId === organisationId) return found;
      throw causewayError('KEY_INVALID', {});
    }
    if (tokenId !== undefined) {
      const [row] = await reads.$queryRawUnsafe<ValidRow[]>(FIND_TOKEN_BY_ID, tokenId, 0);
      const found = validToken(row);
      if (found?.principal.id === id && found.principal.organisationId === organisationId) return found;
      throw causewayError('TOKEN_INVALID', {});
    }
    if (sessionId !== undefined) {
      const values = [sessionId, this.settings.sessionIdleMs] as const;
      const [row] = await reads.$queryRawUnsafe<SessionRow[]>(FIND_SESSION_BY_ID, ...values);
      const found = validSession(row);
      if (found?.principal.id === id && found.principal.organisationId === organisationId)
        // Its user may have chosen another team meanwhile: the request is about the one that its sender names.
        return { principal: principalAt(found.principal, { teamId }), expiresAt: null };
      throw causewayError('SESSION_ENDED', { page: SIGN_IN_PAGE });
    }
    const subject =
      kind === 'user' || kind === 'service_account'
        ? await this.roles.findSubject(organisationId, { kind, id }, reads)
        : undefined;
    if (!subject || subject.isDisabled) throw causewayError('KEY_INVALID', {});
    const grants = await this.roles.grantsOf(organisationId, id, reads);
    const place = { organisationId, teamId };
    const isTeam = (await reads.team.count({ where: { organisationId, id: teamId, deletedAt: null } })) > 0;
    if (!isTeam || !knowsTeam(grants, place)) throw causewayError('KEY_INVALID', {});
    return { principal: principalAt({ ...principal, name: subject.name, grants }, place), expiresAt: null };
  }
}

function validKey(row: ValidRow | undefined): ValidKey | undefined {
  const principal = holderOf(row);
  if (!row || !principal) return undefined;
  const { origins = [], made_by_token_id: tokenId = null } = row;
  const pages = origins.length > 0 && { origins: [...origins] };
  const token = tokenId !== null && { tokenId };
  return {
    principal: { ...principal, keyId: row.id, ...pages, ...token },
    expiresAt: row.expires_at?.toISOString() ?? null,
  };
}

function validToken(row: ValidRow | undefined): ValidToken | undefined {
  const principal = holderOf(row);
  if (!row?.expires_at || !principal) return undefined;
  return { principal: { ...principal, tokenId: row.id }, expiresAt: row.expires_at.toISOString() };
}

/** Who holds it, in its team; undefined when they have no role there any more. */
function holderOf(row: ValidRow | undefined): Principal | undefined {
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
  return principalAt(holder, tenant);
}

function validSession(row: SessionRow | undefined): ValidSession | undefined {
  if (!row) return undefined;
  const grants = row.roles.map(grantOf);
  const { organisation_id: organisationId } = row;
  const teamId = workTeam(grants, { organisationId, teamId: row.team_id });
  const principal: Principal = {
    kind: 'user',
    id: row.holder_id,
    name: row.holder_name,
    organisationId,
    teamId,
    permissions: [],
    grants,
  };
  return {
    principal: { ...principalAt(principal, { teamId }), sessionId: row.id },
    expiresAt: row.expires_at.toISOString(),
  };
}

/** The grants of a holder's roles, without what the key leaves out. */
function grantsOf({ permissions: scope, roles }: ScopedRow): Grant[] {
  return roles.map(grantOf).map(({ permissions, ...rest }) => ({
    ...rest,
    permissions: permissions.filter((permission) => scope.includes(permission)),
  }));
}

function grantOf({ role, level, objectId, teamId, group, custom, sharedWithId, ...row }: RoleRow): Grant {
  const permissions = permissionsOfRole(role, custom ? known(custom) : undefined, level);
  const sharedWith = sharedWithId !== null && { id: sharedWithId, name: row.sharedWith ?? '' };
  return {
    role,
    level,
    objectId,
    ...(teamId !== null && { teamId }),
    ...(group !== null && { group }),
    ...(sharedWith && { sharedWith }),
    permissions: sharedWith ? sharedPermissions(permissions) : [...permissions],
  };
}
