import { causewayError, cutPage } from '@causeway/contracts';
import type { ServiceAccount, Team } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { ServiceAccount as AccountRow, Team as TeamRow } from './generated/client.js';
import { type Page, after, inOrder, keyOf } from './pages.js';
import { Tables, type Writes } from './tables.js';

const MOST_TEAMS = 1_000;
const MOST_ACCOUNTS = 500;

/** Teams and their service accounts. */
@Injectable()
export class TeamStore {
  constructor(private readonly tables: Tables) {}

  /** Teams of an organisation, oldest first: all, or those with these ids. */
  async list(
    organisationId: string,
    ids: readonly string[] | undefined,
    page: Page,
  ): Promise<{ items: Team[]; next?: string }> {
    const rows = await this.tables.reads.team.findMany({
      where: { organisationId, deletedAt: null, ...(ids && { id: { in: [...ids] } }), ...after(page) },
      ...inOrder(page),
    });
    return cutPage(rows, page.limit, teamOf, keyOf);
  }

  async find(
    organisationId: string,
    id: string,
    reads: Writes = this.tables.reads,
  ): Promise<Team | undefined> {
    const row = await reads.team.findFirst({ where: { organisationId, id, deletedAt: null } });
    return row ? teamOf(row) : undefined;
  }

  /** @throws CausewayError TEAM_TAKEN, LIMIT_REACHED */
  async insert(writes: Writes, organisationId: string, name: string): Promise<Team> {
    const count = await writes.team.count({ where: { organisationId, deletedAt: null } });
    if (count >= MOST_TEAMS) throw causewayError('LIMIT_REACHED', { limit: MOST_TEAMS, what: 'teams' });
    await this.checkFree(writes, organisationId, name);
    return teamOf(
      await writes.team.create({ data: { id: newId(), organisationId, name, createdAt: new Date() } }),
    );
  }

  /** @throws CausewayError TEAM_TAKEN */
  async rename(writes: Writes, organisationId: string, id: string, name: string): Promise<Team> {
    await this.checkFree(writes, organisationId, name, id);
    return teamOf(await writes.team.update({ where: { id }, data: { name } }));
  }

  /** The service accounts of a team, oldest first. */
  async listAccounts(teamId: string, page: Page): Promise<{ items: ServiceAccount[]; next?: string }> {
    const rows = await this.tables.reads.serviceAccount.findMany({
      where: { teamId, deletedAt: null, ...after(page) },
      ...inOrder(page),
    });
    return cutPage(rows, page.limit, accountOf, keyOf);
  }

  async findAccount(
    organisationId: string,
    id: string,
    reads: Writes = this.tables.reads,
  ): Promise<ServiceAccount | undefined> {
    const row = await reads.serviceAccount.findFirst({ where: { organisationId, id, deletedAt: null } });
    return row ? accountOf(row) : undefined;
  }

  /** @throws CausewayError ACCOUNT_TAKEN, LIMIT_REACHED */
  async insertAccount(
    writes: Writes,
    place: { organisationId: string; teamId: string },
    name: string,
  ): Promise<ServiceAccount> {
    const { organisationId, teamId } = place;
    const count = await writes.serviceAccount.count({ where: { teamId, deletedAt: null } });
    if (count >= MOST_ACCOUNTS)
      throw causewayError('LIMIT_REACHED', { limit: MOST_ACCOUNTS, what: 'service accounts in this team' });
    await this.checkFreeAccount(writes, teamId, name);
    const data = { id: newId(), organisationId, teamId, name, createdAt: new Date() };
    return accountOf(await writes.serviceAccount.create({ data }));
  }

  /** @throws CausewayError ACCOUNT_TAKEN */
  async updateAccount(
    writes: Writes,
    { id, teamId }: ServiceAccount,
    change: { name?: string; disabledAt?: Date | null },
  ): Promise<ServiceAccount> {
    if (change.name !== undefined) await this.checkFreeAccount(writes, teamId, change.name, id);
    return accountOf(await writes.serviceAccount.update({ where: { id }, data: change }));
  }

  private async checkFree(writes: Writes, organisationId: string, name: string, id?: string): Promise<void> {
    const other = await writes.team.findFirst({
      where: { organisationId, name, deletedAt: null, ...notId(id) },
    });
    if (other) throw causewayError('TEAM_TAKEN', { name });
  }

  private async checkFreeAccount(writes: Writes, teamId: string, name: string, id?: string): Promise<void> {
    const other = await writes.serviceAccount.findFirst({
      where: { teamId, name, deletedAt: null, ...notId(id) },
    });
    if (other) throw causewayError('ACCOUNT_TAKEN', { name });
  }
}

function notId(id: string | undefined): { id?: { not: string } } {
  return id === undefined ? {} : { id: { not: id } };
}

function teamOf({ id, name, createdAt }: TeamRow): Team {
  return { id, name, createdAt: createdAt.toISOString() };
}

function accountOf({ id, teamId, name, createdAt, disabledAt }: AccountRow): ServiceAccount {
  return {
    id,
    teamId,
    name,
    createdAt: createdAt.toISOString(),
    disabledAt: disabledAt?.toISOString() ?? null,
  };
}
