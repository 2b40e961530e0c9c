import { type Permission, listFlows } from '@causeway/contracts';
import type { Caller, Principal } from '@causeway/contracts';
import type { Bus } from '@causeway/platform';
import { type Html, type Part, html } from '../../domain/pages/html.js';
import { pageTable } from '../../domain/pages/page.js';
import type { SharedFlows } from '../../operations/shared-flows.js';

/** Flows of each kind that the first page shows. */
const SHOWN = 20;

/** The flows of somebody's team that they may read, and those of other teams that are shared with them; nothing where there are none. */
export async function homeFlows(
  { bus, shared }: { readonly bus: Bus; readonly shared: SharedFlows },
  caller: Caller & { readonly principal: Principal },
): Promise<Part> {
  const { tenant, principal } = caller;
  const [own, others] = await Promise.all([
    mayRead(principal) ? bus.request(listFlows, { ...tenant, flowsOnly: true, size: SHOWN }) : undefined,
    shared.list(caller),
  ]);
  const rows = [
    ...(own?.items ?? []).map(({ id, name, endpointName }) => [name, runOf(endpointName ?? id), 'your team']),
    ...others
      .slice(0, SHOWN)
      .map(({ id, name, team }) => [name, runOf(id), `team ${team.name}, shared with you`]),
  ];
  if (rows.length === 0) return undefined;
  const isMore = (own?.total ?? 0) > SHOWN || others.length > SHOWN;
  return html`<h2>Flows</h2>
    ${pageTable('Flows that you may use', ['name', 'run it with', 'of'], rows)}
    ${isMore && html`<p class="quiet">There are more: <code>GET /api/v1/flows</code> and <code>GET /api/platform/v1/shared-flows</code> list all.</p>`}`;
}

/** How a program runs a flow. */
function runOf(flow: string): Html {
  return html`<code>POST /api/v1/run/${flow}</code>`;
}

function mayRead({ permissions, objects = [] }: Principal): boolean {
  const act: Permission = 'flow:read';
  return permissions.includes(act) || objects.some((one) => one.permissions.includes(act));
}
