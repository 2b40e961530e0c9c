import { knowsTeam } from '@causeway/authz';
import type { InputOf, ReplyOf, getSelf } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { UserStore } from '../../store/people/user.store.js';
import { Tables } from '../../store/tables.js';
import { Changing } from '../changing.js';
import { ownSubject } from '../roles.js';

/** What callers may know about themselves. */
@Injectable()
export class Selves {
  constructor(
    private readonly changing: Changing,
    private readonly users: UserStore,
    private readonly tables: Tables,
  ) {}

  /** The caller, where it works, and all its roles. */
  async get(input: InputOf<typeof getSelf>): Promise<ReplyOf<typeof getSelf>> {
    const { grants = [], ...principal } = await this.changing.fresh(input.principal);
    const { organisationId, teamId } = principal;
    const subject = { ...ownSubject(principal), name: principal.name };
    const [organisation, all, user] = await Promise.all([
      this.tables.reads.organisation.findUniqueOrThrow({ where: { id: organisationId } }),
      this.tables.reads.team.findMany({
        where: { organisationId, deletedAt: null },
        orderBy: [{ name: 'asc' }, { id: 'asc' }],
        select: { id: true, name: true },
      }),
      subject.kind === 'user' ? this.users.find(organisationId, subject.id) : undefined,
    ]);
    const nameOf = new Map(all.map(({ id, name }) => [id, name]));
    return {
      subject,
      email: user?.email ?? null,
      organisation: { id: organisation.id, name: organisation.name },
      teamId,
      teams: all.filter(({ id }) => knowsTeam(grants, { organisationId, teamId: id })),
      roles: grants.map(({ role, level, objectId, teamId: inTeam, group }) => {
        const team = nameOf.get(level === 'team' ? objectId : (inTeam ?? ''));
        return { role, level, ...(team !== undefined && { team }), ...(group !== undefined && { group }) };
      }),
    };
  }
}
