import type { AuditEvent } from '@causeway/contracts';
import { type Html, type Part, html } from '../html.js';
import { shownText } from '../shown-text.js';
import { type Search, addressOf } from './audit-search.js';
import { detailRows } from './detail-rows.js';

/** Around the event that is shown. */
export interface Around {
  /** Links keep its place and its times. */
  readonly search: Search;
  readonly teamName: (teamId: string) => string | undefined;
}

/** One event of the list; it opens to everything that is known of it. */
export function eventItem(event: AuditEvent, around: Around): Html {
  const { at, actor, action, object, result, code, count = 1 } = event;
  const time = `${at.slice(0, 10)} ${at.slice(11, 19)}`;
  return html`<li>
    <details>
      <summary>
        <time datetime="${at}">${time}</time>
        <span><span class="unheard">by </span>${shownText(actor.name)}</span>
        <span><code>${action}</code>${count > 1 && html` <span class="quiet">×${count}</span>`}</span>
        <span>${shownText(objectText(object))}</span>
        <span
          ><span class="badge ${result}">${result}</span
          >${code !== undefined && html` <span class="quiet code">${shownText(code)}</span>`}</span
        >
      </summary>
      ${everything(event, around)}
    </details>
  </li>`;
}

function objectText({ type, name, id }: AuditEvent['object']): string {
  return `${type} ${name ?? id}`;
}

function everything(event: AuditEvent, { search, teamName }: Around): Html {
  const { actor, object, from, teamId } = event;
  const { where, from: since, to } = search;
  const all = (text: string, fields: Search): Part =>
    Object.values(fields).every((value) => value !== undefined && value !== '' && value.length <= 500) &&
    html` <a href="${addressOf({ where, from: since, to, ...fields })}">${text}</a>`;
  const objectLink = all('all events of this object', { object_type: object.type, object_id: object.id });
  return html`<div class="opened">
    <dl>
      ${pair('time', html`<time datetime="${event.at}">${event.at.replace('T', ' ').replace('Z', ' UTC')}</time>`)}
      ${pair('actor', [shownText(actor.name), quiet(`${actor.kind.replace('_', ' ')} ${actor.id}`), all('all events of this actor', { actor_id: actor.id })])}
      ${pair('action', [html`<code>${event.action}</code>`, all('all events of this action', { action: event.action })])}
      ${pair('object', [shownText(objectText(object)), object.name !== undefined && quiet(object.id), objectLink])}
      ${pair('version', object.version)} ${pair('result', event.result)} ${pair('error', event.code)}
      ${pair('how often', event.count !== undefined && `${event.count} equal events, of which this one tells`)}
      ${pair('team', teamId === undefined ? 'none: it is about the whole organisation' : (teamName(teamId) ?? teamId))}
      ${pair('run', linked(event.runId, all('all events of this run', { run_id: event.runId })))}
      ${pair('request', linked(event.requestId, all('all events of this request', { request_id: event.requestId })))}
      ${pair('address', linked(from?.address, all('all events from this address', { address: from?.address })))}
      ${pair('browser or program', from?.userAgent)} ${pair('API key', actor.keyId)}
      ${pair('session', actor.sessionId)} ${pair('token', actor.tokenId)}
      ${pair('time that was claimed', event.claimedAt)} ${pair('event', event.id)}
    </dl>
    ${details(event)}
  </div>`;
}

function details({ detail = {}, object }: AuditEvent): Part {
  const rows = detailRows(detail, { name: object.name });
  if (rows.length === 0) return undefined;
  const hasBefore = rows.some(({ before }) => before !== undefined);
  return html`<table class="details">
    <thead>
      <tr>
        <th scope="col">detail</th>
        ${hasBefore && html`<th scope="col">before</th>`}
        <th scope="col">${hasBefore ? 'after' : 'value'}</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ name, before, now }) =>
          html`<tr>
            <th scope="row">${shownText(name)}</th>
            ${hasBefore && html`<td>${before !== undefined && shownText(before)}</td>`}
            <td>${now !== undefined && shownText(now)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function linked(text: string | undefined, link: Part): Part {
  return text === undefined ? undefined : [shownText(text), link];
}

function quiet(text: string): Html {
  return html` <span class="quiet">${shownText(text)}</span>`;
}

function pair(name: string, value: Part): Part {
  if (value === undefined || value === false) return undefined;
  return html`<dt>${name}</dt>
    <dd>${typeof value === 'string' ? shownText(value) : value}</dd>`;
}
