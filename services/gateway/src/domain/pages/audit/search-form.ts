import { type Html, type Part, html } from '../html.js';
import {
  type Search,
  type SearchField,
  type SearchProblems,
  addressOf,
  shownInField,
} from './audit-search.js';

/** A place whose events somebody may read. */
export interface ReadablePlace {
  /** What the address says of it: the id of a team, or `organisation`. */
  readonly where: string;
  readonly name: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ranges = [
  ['last hour', HOUR_MS],
  ['last day', 24 * HOUR_MS],
  ['last week', 7 * 24 * HOUR_MS],
  ['last 60 days', 60 * 24 * HOUR_MS],
] as const;

const results = [
  ['', 'any'],
  ['succeeded', 'succeeded'],
  ['failed', 'failed'],
  ['refused', 'refused'],
] as const;
const orders = [
  ['', 'newest first'],
  ['oldest', 'oldest first'],
] as const;

/** The form of a search, with what is wrong with it beside each field. */
export function searchForm(
  search: Search,
  problems: SearchProblems,
  places: readonly ReadablePlace[],
  nowMs: number,
): Html {
  const text = (name: SearchField, hint?: string): Html =>
    field(
      name,
      problems,
      hint,
      (attributes) =>
        html`<input
          name="${name}"
          value="${search[name] ?? ''}"
          maxlength="500"
          spellcheck="false"
          autocapitalize="none"
          autocomplete="off"
          ${attributes}
        />`,
    );
  const time = (name: 'from' | 'to'): Html =>
    field(
      name,
      problems,
      undefined,
      (attributes) =>
        html`<input
          type="datetime-local"
          step="any"
          name="${name}"
          value="${shownInField(search[name])}"
          ${attributes}
        />`,
    );
  const choice = (name: SearchField, options: readonly (readonly [value: string, label: string])[]): Html =>
    field(
      name,
      problems,
      undefined,
      (attributes) =>
        html`<select name="${name}" ${attributes}>
          ${options.map(([value, shown]) => html`<option value="${value}" ${value === (search[name] ?? '') && html`selected`}>${shown}</option>`)}
        </select>`,
    );
  return html`<form
    class="search"
    method="get"
    action="/audit"
    role="search"
    aria-label="Search the audit log"
  >
    <div class="fields">
      ${choice(
        'where',
        places.map(({ where, name }) => [where, name] as const),
      )}
      ${time('from')} ${time('to')} ${choice('result', results)} ${choice('order', orders)}
      ${text('text', 'in names, error codes and details')}
      ${text('action', 'flow.create, or flow.* for all of flows')}
    </div>
    <details class="more" ${isNarrow(search, problems) && html`open`}>
      <summary>By actor, object, address, request or run</summary>
      <div class="fields">
        ${text('actor_id', 'the id of a person or an account')}
        ${text('object_type', 'flow, key, session, …')} ${text('object_id', 'its id')} ${text('address')}
        ${text('request_id', 'its id')} ${text('run_id', 'its id')}
      </div>
    </details>
    <p class="row">
      <button class="main">Search</button>
      <a href="/audit">Clear</a>
      <span class="ranges"
        >${ranges.map(([name, ms]) => html`<a href="${addressOf({ ...search, from: shownInField(new Date(Math.floor((nowMs - ms) / MINUTE_MS) * MINUTE_MS).toISOString()), to: '', after: '', before: '' })}">${name}</a>`)}</span
      >
    </p>
  </form>`;
}

/** What a reader calls each field. */
export const fieldLabels: Readonly<Record<SearchField, string>> = {
  where: 'Where',
  from: 'From (UTC)',
  to: 'Until (UTC)',
  actor_id: 'Actor',
  action: 'Action',
  object_type: 'Object type',
  object_id: 'Object',
  result: 'Result',
  address: 'Network address',
  request_id: 'Request',
  run_id: 'Run',
  text: 'Words',
  order: 'Order',
  after: 'Page',
  before: 'Page',
};

const narrow = ['actor_id', 'object_type', 'object_id', 'address', 'request_id', 'run_id'] as const;

function isNarrow(search: Search, problems: SearchProblems): boolean {
  return narrow.some((name) => (search[name] ?? '') !== '' || problems.has(name));
}

function field(
  name: SearchField,
  problems: SearchProblems,
  hint: string | undefined,
  control: (attributes: Part) => Html,
): Html {
  const label = fieldLabels[name];
  const problem = problems.get(name);
  const note = problem ?? hint;
  const attributes = html`id="${name}" ${note !== undefined && html`aria-describedby="${name}-note"`}
  ${problem !== undefined && html`aria-invalid="true"`}`;
  return html`<div class="field">
    <label for="${name}">${label}</label>${control(attributes)}${
      note !== undefined &&
      html`<small id="${name}-note" class="${problem === undefined ? 'quiet' : 'bad'}"
        >${problem === undefined ? note : `${label}: ${problem}`}</small
      >`
    }
  </div>`;
}
