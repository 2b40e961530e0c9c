import {
  type InputOf,
  MOST_COUNTED_EVENTS,
  type ReplyOf,
  causewayError,
  cutPage,
  listAuditEvents,
  parsePageKey,
  writePageKey,
} from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { askedFilter, findFilterProblem, withRange } from '../domain/asked-filter.js';
import { EventStore } from '../store/event.store.js';
import { readingScope } from './reading-scope.js';
import { Readings } from './readings.js';

/** Finds events. */
@Injectable()
export class Events {
  constructor(
    private readonly store: EventStore,
    private readonly readings: Readings,
  ) {}

  /** One page of the events that match every filter. */
  async list(input: InputOf<typeof listAuditEvents>): Promise<ReplyOf<typeof listAuditEvents>> {
    const { page, order, count } = input;
    const scope = readingScope(input);
    const asked = askedFilter(input);
    const after = page.after === undefined ? undefined : parsePageKey(page.after);
    const filter = withRange(asked, Date.now());
    const problem = findFilterProblem(filter, Date.now());
    if (problem !== undefined) throw causewayError('REQUEST_INVALID', { problems: `query: ${problem}` });
    const events = await this.store.list(scope, filter, {
      after,
      isOldestFirst: order === 'oldest',
      limit: page.limit + 1,
    });
    const counted = count ? await this.store.count(scope, filter) : undefined;
    // The pages behind the first one belong to the same query.
    if (!after) await this.readings.note('audit.read', scope, asked);
    return {
      ...cutPage(
        events,
        page.limit,
        (event) => event,
        ({ at, id }) => writePageKey({ at, id }),
      ),
      ...(counted !== undefined && {
        count: { events: Math.min(counted, MOST_COUNTED_EVENTS), isMore: counted > MOST_COUNTED_EVENTS },
      }),
    };
  }
}
