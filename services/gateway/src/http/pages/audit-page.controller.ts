import { allowingGrants } from '@causeway/authz';
import { actorOf, auditPageRoute, getSelf, toWireError, writePageKey } from '@causeway/contracts';
import type { AuditEvent, Principal, RouteInput } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { Bus } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { type FoundEvents, foundPart } from '../../domain/pages/audit/audit-page.js';
import {
  type AuditQuery,
  type Search,
  type SearchProblems,
  addressOf,
  filled,
  hasEmptyFields,
  problemOfRefusal,
  readSearch,
} from '../../domain/pages/audit/audit-search.js';
import { readablePlaces } from '../../domain/pages/audit/readable-places.js';
import { type ReadablePlace, fieldLabels, searchForm } from '../../domain/pages/audit/search-form.js';
import { html } from '../../domain/pages/html.js';
import { shownText } from '../../domain/pages/shown-text.js';
import { AuditReads } from '../../operations/audit/audit-reads.js';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';
import { sendOn, sendPage } from './send-page.js';

const TITLE = 'Audit log';
const NO_PROBLEMS: SearchProblems = new Map();

/** The page on which people search the audit log. */
@Controller()
export class AuditPageController {
  constructor(
    private readonly bus: Bus,
    private readonly reads: AuditReads,
  ) {}

  @Serve(auditPageRoute)
  async show({ query: given }: RouteInput<typeof auditPageRoute>, call: Call): Promise<string | void> {
    if (hasEmptyFields(given)) {
      call.reply.status(303);
      return sendOn(call, addressOf(given));
    }
    const self = await this.bus.request(getSelf, { principal: actorOf(call).principal });
    const places = readablePlaces(self.teams, {
      own: self.teamId,
      chosen: given.where,
      mayRead: (teamId) => mayRead(call.principal, teamId),
    });
    // Whoever may read nothing in the team where they work begins where they may.
    const search: Search = { ...filled(given), where: given.where ?? places[0]?.where };
    const read = readSearch(search);
    if ('problems' in read) return this.refuse(call, { search, places, problems: read.problems });
    const found = await this.find(call, search, read.query);
    if (!('items' in found)) return this.refuse(call, { search, places, problems: found.problems });
    const nameOf = new Map(self.teams.map(({ id, name }) => [id, name]));
    const nowMs = Date.now();
    const content = html`${searchForm(search, NO_PROBLEMS, places, nowMs)}
    ${foundPart(found, search, read.query, { teamName: (id) => nameOf.get(id), nowMs })}`;
    return sendPage(call, { title: TITLE, content, isWide: true });
  }

  /** The same page with what is wrong with the search, and without events. */
  private refuse(
    call: Call,
    {
      search,
      places,
      problems,
    }: { search: Search; places: readonly ReadablePlace[]; problems: SearchProblems },
  ): string {
    call.reply.status(400);
    const content = html`<div class="notice" role="alert">
        <p>Nothing was searched for, because the search is not right:</p>
        <ul>
          ${[...problems].map(([field, problem]) => html`<li><a href="#${field}">${fieldLabels[field]}</a>: ${shownText(problem)}</li>`)}
        </ul>
      </div>
      ${searchForm(search, problems, places, Date.now())}`;
    return sendPage(call, { title: TITLE, content, isWide: true });
  }

  private async find(
    call: Call,
    search: Search,
    query: AuditQuery,
  ): Promise<FoundEvents | { problems: SearchProblems }> {
    try {
      const { items, next, count } = await this.reads.list(call, query);
      const isBackwards = search.before !== undefined;
      const shown = isBackwards ? items.toReversed() : items;
      const [first, last] = [shown.at(0), shown.at(-1)];
      const hasPrevious = isBackwards ? next !== undefined : search.after !== undefined;
      const hasNext = isBackwards || next !== undefined;
      return {
        items: shown,
        count,
        previous: first && hasPrevious ? { ...search, after: '', before: keyOf(first) } : undefined,
        next: last && hasNext ? { ...search, before: '', after: keyOf(last) } : undefined,
      };
    } catch (error) {
      if (!isCausewayError(error)) throw error;
      const { code } = toWireError(error);
      if (code === 'TEAM_UNKNOWN') return { problems: new Map([['where', error.message]]) };
      if (code !== 'REQUEST_INVALID') throw error;
      return { problems: problemOfRefusal(error.message, search) };
    }
  }
}

function mayRead({ organisationId, grants = [] }: Principal, teamId: string | undefined): boolean {
  const place = { organisationId, ...(teamId !== undefined && { teamId }) };
  return allowingGrants(grants, 'audit:read', place).length > 0;
}

function keyOf({ at, id }: AuditEvent): string {
  return writePageKey({ at, id });
}
