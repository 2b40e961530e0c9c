import { randomUUID } from 'node:crypto';
import {
  type OwnedObject,
  authorize,
  checkPermitted,
  heldOf,
  isPermitted,
  isWithin,
  mayOnlyByShare,
  principalAt,
  principalOfShare,
  reachOf,
  sharesOf,
} from '@causeway/authz';
import { type Permission, type Principal, causewayError } from '@causeway/contracts';
import { echoFlow } from '../support/flows.js';
import { type Key, actingFor, everywhere, mayInTeam, verdictOf } from './access-model.js';
import type { Act, Choose } from './act.js';
import { checkTeam } from './named-place.js';
import { type Flow, type Project, type Run, type World, flowObject, placeOf, runObject } from './world.js';

/** More than these of a kind are not made: lists are short, and a test takes the same time with any seed. */
const MOST = 40;
const MOST_RUNS = 120;

const tenantOf = ({ organisationId, teamId }: Principal) => ({ organisationId, teamId });
const isOf =
  ({ teamId }: Principal) =>
  ({ team }: { readonly team: { readonly id: string } }): boolean =>
    team.id === teamId;

/** Refuses what is outside of what a caller may read: for the caller it does not exist. */
function checkReach(principal: Principal, acts: readonly Permission[], object: OwnedObject): void {
  const { type, id, projectId = '', flowId = '', principalId } = object;
  const place =
    type === 'project' ? { projectId: id, flowId } : { projectId, flowId: type === 'flow' ? id : flowId };
  if (object.teamId !== principal.teamId || !isWithin(reachOf(principal, acts), place, principalId))
    throw causewayError(
      type === 'run' ? 'RUN_UNKNOWN' : type === 'project' ? 'PROJECT_UNKNOWN' : 'FLOW_UNKNOWN',
      {
        flow: id,
        runId: id,
        projectId: id,
      },
    );
}

function projectObject({ id, team }: Project): OwnedObject {
  return { type: 'project', id, organisationId: team.organisationId, teamId: team.id };
}

/** What only the team that owns a flow does with it: nobody does by a share alone. */
function authorizeOwner(principal: Principal, act: Permission, flow: Flow): void {
  authorize({ principal, tenant: tenantOf(principal) }, act, flowObject(flow));
  if (mayOnlyByShare(principal, act, { ...flowObject(flow), type: 'flow' }))
    throw causewayError('PERMISSION_DENIED', { permission: act });
}

/** A request about one flow that needs one permission for it. */
function aboutFlow(
  act: Permission,
  method: string,
  pathOf: (id: string) => string,
  more: {
    reach?: readonly Permission[];
    body?: unknown;
    isOwners?: boolean;
    isFull?: (world: World) => boolean;
    apply?: (world: World, flow: Flow, key: Key) => Act['apply'];
  } = {},
): Choose {
  return (world, key, choice) => {
    const flow = choice.flow(world, key);
    if (!flow || more.isFull?.(world)) return undefined;
    const apply = more.apply?.(world, flow, key);
    return {
      what: `${act} of flow ${flow.id}`,
      method,
      path: pathOf(flow.id),
      ...(more.body !== undefined && { body: more.body }),
      expect: (caller) => ({
        verdict: verdictOf(() => {
          const principal = actingFor(caller, flow.id);
          checkPermitted({ principal }, [act], true);
          if (more.reach) checkReach(principal, more.reach, flowObject(flow));
          if (more.isOwners) authorizeOwner(principal, act, flow);
          else authorize({ principal, tenant: tenantOf(principal) }, act, flowObject(flow));
        }),
      }),
      ...(apply && { apply }),
    };
  };
}

const aboutRun =
  (act: Permission, method: string, pathOf: (id: string) => string): Choose =>
  (world, key, choice) => {
    const run = choice.near(world.runs, key);
    if (!run) return undefined;
    return {
      what: `${act} of run ${run.id} of flow ${run.flowId}`,
      method,
      path: pathOf(run.id),
      expect: (principal) => ({
        verdict: verdictOf(() => {
          checkPermitted({ principal }, [act], true);
          const there = everywhere(principal).find(
            (one) => isPermitted(one, act, true) && isWithinRuns(one, act, run),
          );
          checkReach(there ?? principal, [act], runObject(run));
        }),
      }),
    };
  };

/** Whether a run is one that somebody may know where they act. */
function isWithinRuns(principal: Principal, act: Permission, run: Run): boolean {
  return isOf(principal)(run) && isWithin(reachOf(principal, [act]), run, run.principalId);
}

/** Whatever flow exists where the caller is, wherever its reach ends. */
const knownFlows = (world: World, principal: Principal, acts: readonly Permission[]): Flow[] =>
  world.flows
    .filter(isOf(principal))
    .filter(({ id, projectId }) => isWithin(reachOf(principal, acts), { flowId: id, projectId }));

const idsIn = (items: readonly { readonly id: string }[]): string[] => items.map(({ id }) => id);

const listFlows: Choose = (world) => ({
  what: 'list of flows',
  method: 'GET',
  path: '/api/v1/flows/?get_all=true&header_flows=true',
  expect: (principal) => ({
    verdict: verdictOf(() => checkPermitted({ principal }, ['flow:read'], true)),
    shows: idsIn(knownFlows(world, principal, ['flow:read'])),
  }),
  shown: (answer) => idsIn(answer.json<{ id: string }[]>()),
});

/** A project's page, with the flows of it that have a word in their name. */
const searchProject: Choose = (world, key, choice) => {
  const project = choice.near(world.projects, key);
  if (!project) return undefined;
  const word = choice.pick(['Of', choice.pick(world.flows).name]);
  return {
    what: `search for ${word} in project ${project.id}`,
    method: 'GET',
    path: `/api/v1/projects/${project.id}?page=1&size=100&search=${encodeURIComponent(word)}`,
    expect: (principal) => ({
      verdict: verdictOf(() => {
        checkPermitted({ principal }, ['project:read', 'flow:read'], true);
        checkReach(principal, ['project:read'], projectObject(project));
      }),
      shows: idsIn(
        knownFlows(world, principal, ['flow:read']).filter(
          (flow) => flow.projectId === project.id && flow.name.includes(word),
        ),
      ),
    }),
    shown: (answer) => idsIn(answer.json<{ flows: { items: { id: string }[] } }>().flows.items),
  };
};

const exportFlow: Choose = (world, key, choice) => {
  const flow = choice.near(world.flows, key);
  if (!flow) return undefined;
  return {
    what: `export of flow ${flow.id}`,
    method: 'POST',
    path: '/api/v1/flows/download/',
    body: [flow.id],
    expect: (principal) => ({
      verdict: verdictOf(() => {
        checkPermitted({ principal }, ['flow:read'], true);
        checkReach(principal, ['flow:read'], flowObject(flow));
      }),
    }),
  };
};

const listProjects: Choose = (world) => ({
  what: 'list of projects',
  method: 'GET',
  path: '/api/v1/projects/',
  expect: (principal) => ({
    verdict: verdictOf(() => checkPermitted({ principal }, ['project:read'], true)),
    shows: idsIn(
      world.projects
        .filter(isOf(principal))
        .filter(({ id }) => isWithin(reachOf(principal, ['project:read']), { projectId: id, flowId: '' })),
    ),
  }),
  shown: (answer) => idsIn(answer.json<{ id: string }[]>()),
});

const listRuns: Choose = (world) => ({
  what: 'list of runs',
  method: 'GET',
  path: '/api/platform/v1/runs?limit=500',
  expect: (principal) => ({
    verdict: verdictOf(() => checkPermitted({ principal }, ['run:read'], true)),
    shows: idsIn(world.runs.filter((run) => isWithinRuns(principal, 'run:read', run))),
  }),
  shown: (answer) => idsIn(answer.json<{ items: { id: string }[] }>().items),
});

/** The runs of one flow: of another team's flow those that the caller has started. */
const listRunsOfFlow: Choose = (world, key, choice) => {
  const flow = choice.flow(world, key);
  if (!flow) return undefined;
  return {
    what: `list of runs of flow ${flow.id}`,
    method: 'GET',
    path: `/api/platform/v1/runs?limit=500&flow_id=${flow.id}`,
    expect: (caller) => {
      const principal = actingFor(caller, flow.id);
      return {
        verdict: verdictOf(() => checkPermitted({ principal }, ['run:read'], true)),
        shows: idsIn(
          world.runs
            .filter(({ flowId }) => flowId === flow.id)
            .filter((run) => isWithinRuns(principal, 'run:read', run)),
        ),
      };
    },
    shown: (answer) => idsIn(answer.json<{ items: { id: string }[] }>().items),
  };
};

const listShared: Choose = (world) => ({
  what: 'list of shared flows',
  method: 'GET',
  path: '/api/platform/v1/shared-flows',
  expect: (principal) => ({
    verdict: 'ok',
    shows: idsIn(
      world.flows.filter((flow) => {
        const there = principalOfShare(principal, { teamId: flow.team.id });
        const isShared = sharesOf(principal).some(({ objectId }) => objectId === flow.id);
        return there !== undefined && isShared && heldOf(there, flowObject(flow)).includes('flow:read');
      }),
    ),
  }),
  shown: (answer) => idsIn(answer.json<{ items: { id: string }[] }>().items),
});

const createFlow: Choose = (world, key, choice) => {
  const project = choice.near(world.projects, key);
  if (!project || world.flows.length >= MOST) return undefined;
  const { name, data } = echoFlow(`Of ${randomUUID()}`);
  return {
    what: `new flow in project ${project.id}`,
    method: 'POST',
    path: '/api/v1/flows/',
    body: { name, data, folder_id: project.id },
    expect: (principal) => ({
      verdict: verdictOf(() => {
        checkPermitted({ principal }, ['flow:write'], true);
        checkReach(principal, ['project:read', 'flow:write'], projectObject(project));
        checkMayPut(principal, project);
      }),
    }),
    apply: (answer) => {
      const { id, name: given } = answer.json<{ id: string; name: string }>();
      const { team, id: projectId } = project;
      world.flows.push({ id, name: given, team, projectId, formerTeamIds: [] });
    },
  };
};

const moveFlow: Choose = (world, key, choice) => {
  const flow = choice.flow(world, key);
  const project = choice.near(world.projects, key);
  if (!flow || !project) return undefined;
  return {
    what: `move of flow ${flow.id} to project ${project.id}`,
    method: 'PATCH',
    path: `/api/v1/flows/${flow.id}`,
    body: { folder_id: project.id },
    expect: (caller) => ({
      verdict: verdictOf(() => {
        const principal = actingFor(caller, flow.id);
        checkPermitted({ principal }, ['flow:write'], true);
        checkReach(principal, ['project:read', 'flow:write'], projectObject(project));
        authorize({ principal, tenant: tenantOf(principal) }, 'flow:write', flowObject(flow));
        if (project.id === flow.projectId) return;
        checkMayPut(principal, project);
        const there = heldOf(principal, flowObject({ ...flow, projectId: project.id }));
        const now = heldOf(principal, flowObject(flow));
        const gained = there.find((one) => !now.includes(one));
        // Nobody gets rights for a flow by moving it.
        if (gained !== undefined) throw causewayError('PERMISSION_DENIED', { permission: gained });
      }),
    }),
    apply: () => {
      world.flows = world.flows.map((one) => (one.id === flow.id ? { ...one, projectId: project.id } : one));
    },
  };
};

/** New flows are put where the caller may change flows. */
function checkMayPut(principal: Principal, project: Project): void {
  const reach = reachOf(principal, ['flow:write']);
  if (reach && !reach.projectIds.includes(project.id))
    throw causewayError('PERMISSION_DENIED', { permission: 'flow:write' });
}

/** What nobody gets with a flow by moving it: where it was, they need it too. */
const NOT_GAINED = ['flow:run', 'file:read'] as const;

const moveToTeam: Choose = (world, key, choice) => {
  const flow = choice.flow(world, key);
  if (!flow) return undefined;
  const isHere = choice.random() < 0.85;
  const projects = world.projects.filter(
    ({ team }) => (team.organisationId === key.holder.organisationId) === isHere,
  );
  if (projects.length === 0) return undefined;
  const { id: projectId, team } = choice.pick(projects);
  return {
    what: `move of flow ${flow.id} to team ${team.id}`,
    method: 'POST',
    path: `/api/platform/v1/flows/${flow.id}/move`,
    body: { teamId: team.id, projectId },
    expect: (caller) => ({
      verdict: verdictOf(() => {
        const principal = actingFor(caller, flow.id);
        checkPermitted({ principal }, ['flow:write'], true);
        checkTeam(world, caller, placeOf(team));
        if (team.id === principal.teamId) throw causewayError('MOVE_REFUSED', { problem: '' });
        authorizeOwner(principal, 'flow:write', flow);
        const there = principalAt(caller, { teamId: team.id });
        checkReach(there, ['project:read', 'flow:write'], projectObject({ id: projectId, team }));
        const held = heldOf(there, flowObject({ ...flow, team, projectId }));
        for (const act of NOT_GAINED.filter((one) => held.includes(one)))
          authorizeOwner(principal, act, flow);
        checkMayPut(there, { id: projectId, team });
      }),
    }),
    apply: () => {
      const formerTeamIds = [...new Set([...flow.formerTeamIds, flow.team.id])];
      world.flows = world.flows.map((one) =>
        one.id === flow.id ? { ...flow, team, projectId, formerTeamIds } : one,
      );
      endRolesIn(world, flow.id);
    },
  };
};

/** The roles that were given in a flow end with it, or with its time in a team. */
function endRolesIn(world: World, flowId: string): void {
  const bindings = world.access.bindings.filter(({ objectId }) => objectId !== flowId);
  world.access = { ...world.access, bindings };
}

const uploadFile: Choose = (world, key) =>
  world.files.length >= MOST
    ? undefined
    : {
        what: 'upload of a file',
        method: 'POST',
        path: '/api/v2/files/',
        body: formWith(`${world.files.length}.txt`),
        expect: (principal) => ({ verdict: mayInTeam(principal, 'file:write') }),
        apply: (answer) => {
          const team = world.teams.find(({ id }) => id === key.teamId);
          const { id } = answer.json<{ id: string }>();
          if (team) world.files.push({ id, uploaderId: key.holder.id, team });
        },
      };

const listFiles: Choose = (world) => ({
  what: 'list of files',
  method: 'GET',
  path: '/api/v2/files/',
  expect: (principal) => ({
    verdict: mayInTeam(principal, 'file:read'),
    // As in Langflow, it has the caller's own files.
    shows: idsIn(world.files.filter(isOf(principal)).filter(({ uploaderId }) => uploaderId === principal.id)),
  }),
  shown: (answer) => idsIn(answer.json<{ id: string }[]>()),
});

const readFile: Choose = (world, key, choice) => {
  const file = choice.near(world.files, key);
  if (!file) return undefined;
  return {
    what: `file:read of file ${file.id}`,
    method: 'GET',
    path: `/api/v2/files/${file.id}`,
    expect: (principal) => {
      const refused = mayInTeam(principal, 'file:read');
      return { verdict: refused === 'ok' && !isOf(principal)(file) ? 'FILE_UNKNOWN' : refused };
    },
  };
};

function formWith(name: string): FormData {
  const form = new FormData();
  form.set('file', new Blob(['text']), name);
  return form;
}

/** Acts on flows, projects, runs and files. */
export const objectActs: readonly Choose[] = [
  aboutFlow('flow:read', 'GET', (id) => `/api/v1/flows/${id}`, { reach: ['flow:read', 'flow:write'] }),
  aboutFlow('flow:read', 'GET', (id) => `/api/platform/v1/flows/${id}/versions`, { reach: ['flow:read'] }),
  aboutFlow('flow:write', 'GET', (id) => `/api/platform/v1/flows/${id}/source`),
  aboutFlow('flow:write', 'PATCH', (id) => `/api/v1/flows/${id}`, { body: { description: 'changed' } }),
  aboutFlow('flow:publish', 'PUT', (id) => `/api/platform/v1/flows/${id}/published-version`, {
    body: { versionHash: null },
  }),
  aboutFlow('flow:run', 'POST', (id) => `/api/v1/run/${id}`, {
    body: { input_value: 'x' },
    isFull: ({ runs }) => runs.length >= MOST_RUNS,
    apply: (world, flow, key) => (answer) => {
      const { id: flowId, team, projectId } = flow;
      const { id: principalId } = key.holder;
      if (answer.runId !== undefined)
        world.runs.push({ id: answer.runId, flowId, team, projectId, principalId });
    },
  }),
  aboutFlow('flow:write', 'DELETE', (id) => `/api/v1/flows/${id}`, {
    isOwners: true,
    apply: (world, flow) => () => {
      world.flows = world.flows.filter(({ id }) => id !== flow.id);
      endRolesIn(world, flow.id);
    },
  }),
  aboutRun('run:read', 'GET', (id) => `/api/platform/v1/runs/${id}`),
  aboutRun('run:cancel', 'POST', (id) => `/api/platform/v1/runs/${id}/cancel`),
  listFlows,
  searchProject,
  exportFlow,
  listProjects,
  listRuns,
  listRunsOfFlow,
  listShared,
  createFlow,
  moveFlow,
  moveToTeam,
  uploadFile,
  listFiles,
  readFile,
];
