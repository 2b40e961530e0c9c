import type { InputOf, listScim } from '@causeway/contracts';
import type { JsonObject } from '@causeway/dag';
import type { ResourceDefinition } from '../../domain/scim/attributes.js';
import { MOST_RESULTS, listAnswer } from '../../domain/scim/describe.js';
import { type Filter, parseFilter } from '../../domain/scim/filter.js';
import { matches } from '../../domain/scim/matches.js';
import { type Narrowed, narrowed } from '../../domain/scim/narrow.js';
import { scopeOf } from '../../domain/scim/paths.js';
import { scimInvalid } from '../../domain/scim/scim-invalid.js';
import { type Selection, select } from '../../domain/scim/select.js';
import type { Slice } from '../../store/scim/columns.js';

/** Resources that are looked at for a filter that the database does not answer. */
const MOST_SCANNED = 10_000;
const SCANNED_AT_ONCE = 200;
const INITIAL_COUNT = 100;
/** Attributes that are in other tables. */
const COSTLY: ReadonlySet<string> = new Set(['groups', 'members']);

/** Where resources of one type and connection are. */
export interface Source {
  count(narrow: Narrowed | undefined): Promise<number>;
  /** @param selection  which attributes are needed, if to find them takes more than the rows themselves */
  read(narrow: Narrowed | undefined, slice: Slice, selection: Selection): Promise<JsonObject[]>;
}

/**
 * The resources that a request asks for, a page of them. Source: RFC 7644, section 3.4.2.
 *
 * @throws CausewayError SCIM_INVALID
 */
export async function findResources(
  definition: ResourceDefinition,
  source: Source,
  input: Pick<InputOf<typeof listScim>, 'filter' | 'startIndex' | 'count'> & Selection,
): Promise<JsonObject> {
  const startIndex = Math.max(1, input.startIndex ?? 1);
  const take = Math.min(MOST_RESULTS, Math.max(0, input.count ?? INITIAL_COUNT));
  const filter =
    input.filter === undefined || input.filter.trim() === ''
      ? undefined
      : parseFilter(input.filter, scopeOf(definition));
  const narrow = filter && narrowed(filter, definition.name === 'User' ? 'userName' : 'displayName');
  const total = await source.count(narrow);
  const slice = { skip: startIndex - 1, take };
  if (!filter || narrow?.isAll) {
    const found = take === 0 || slice.skip >= total ? [] : await source.read(narrow, slice, input);
    return listAnswer(shown(definition, found, input), total, startIndex);
  }
  if (total > MOST_SCANNED)
    throw scimInvalid(
      'tooMany',
      `This filter would look at ${total} resources; the limit is ${MOST_SCANNED}. Ask by userName, displayName, externalId or id with eq, and add the rest with and`,
    );
  // A filter may be about attributes that are not shown.
  const selection = namesIn(filter).some((name) => COSTLY.has(name)) ? {} : input;
  const { page, count } = await scan(source, filter, narrow, { ...slice, selection, total });
  return listAnswer(shown(definition, page, input), count, startIndex);
}

async function scan(
  source: Source,
  filter: Filter,
  narrow: Narrowed | undefined,
  { skip, take, selection, total }: Slice & { readonly selection: Selection; readonly total: number },
): Promise<{ page: JsonObject[]; count: number }> {
  const page: JsonObject[] = [];
  let count = 0;
  for (let at = 0; at < total; at += SCANNED_AT_ONCE) {
    const some = await source.read(narrow, { skip: at, take: SCANNED_AT_ONCE }, selection);
    for (const resource of some) {
      if (!matches(filter, resource)) continue;
      if (count >= skip && page.length < take) page.push(resource);
      count += 1;
    }
  }
  return { page, count };
}

/** The attributes of a resource that a filter is about. */
function namesIn(filter: Filter): string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.flatMap(namesIn);
    case 'not':
      return namesIn(filter.of);
    default:
      return [filter.path[0].name];
  }
}

function shown(
  definition: ResourceDefinition,
  resources: readonly JsonObject[],
  selection: Selection,
): JsonObject[] {
  return resources.map((resource) => select(definition, resource, selection));
}
