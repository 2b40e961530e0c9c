import { z } from 'zod';
import { EXECUTOR_RUNNER, live, request } from './contract.js';
import { Resealing } from './keys/data-keys.js';
import { RetentionPlan } from './retention.js';
import { PageRequest, Payload, Principal, Reach, Tenant } from './tenancy.js';

/** How many hosts a list may have. */
const MOST_ALLOWED_HOSTS = 100;

/**
 * Hosts that secrets may be sent to beside those that the flow names: `api.example.com` is `https://api.example.com`;
 * with a port, `10.0.0.5:8080`, http and https at that port; or an origin, `http://intranet.example:8080`.
 */
export const AllowedHosts = z
  .array(
    z
      .string()
      .max(300)
      .regex(
        /^(?:https?:\/\/)?(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i,
        'write a host, host:port or an origin such as https://api.example.com, without a path',
      ),
  )
  .max(MOST_ALLOWED_HOSTS);

const Actor = z.object({ principal: Principal, requestId: z.string() });

/** A problem of a flow, as `@causeway/dag` reports it. */
export const FlowProblem = z.object({
  code: z.string(),
  severity: z.enum(['blocking', 'warning']),
  message: z.string(),
  remedy: z.string(),
  nodes: z.array(z.string()),
  nodeType: z.string().optional(),
  field: z.string().optional(),
  /** Name of the variable to set. */
  variable: z.string().optional(),
});
export type FlowProblem = z.infer<typeof FlowProblem>;

/** What can be set on a flow besides its graph; `webhook` follows from the graph, so setting it changes nothing. */
export const FlowSettings = z.object({
  name: z.string().min(1).max(500),
  description: z.string().max(10_000).nullable(),
  icon: z.string().max(500).nullable(),
  iconBgColor: z.string().max(100).nullable(),
  gradient: z.string().max(100).nullable(),
  endpointName: z
    .string()
    .regex(/^[a-zA-Z0-9_-]+$/)
    .max(200)
    .nullable(),
  isComponent: z.boolean(),
  webhook: z.boolean(),
  tags: z.array(z.string()).nullable(),
  locked: z.boolean(),
  mcpEnabled: z.boolean(),
  actionName: z.string().max(500).nullable(),
  actionDescription: z.string().max(10_000).nullable(),
  accessType: z.enum(['PRIVATE', 'PUBLIC']),
  projectId: z.uuid(),
});
export type FlowSettings = z.infer<typeof FlowSettings>;

/** A flow: its settings, and its graph (`data`) when requested, with masks instead of secrets. */
export const Flow = FlowSettings.extend({
  id: z.uuid(),
  organisationId: z.uuid(),
  teamId: z.uuid(),
  userId: z.string(),
  versionHash: z.string(),
  updatedAt: z.iso.datetime(),
  problems: z.array(FlowProblem),
  /**
   * JSON text of `data`; absent in headers, and in a list for those that did not fit into one reply: request these
   * again.
   */
  data: Payload.optional(),
});
export type Flow = z.infer<typeof Flow>;

/**
 * The versions of a flow that its runs use, one or more, each with its share of the runs. Today it is the published
 * version, else the newest one, with all of them.
 */
export const Release = z.object({
  versions: z
    .array(
      z.object({
        versionHash: z.string(),
        /** Its share of the runs, in percent; all shares together are 100. */
        weight: z.number().int().min(0).max(100),
        /** Whether the flow has a node that receives a webhook call. */
        hasWebhook: z.boolean(),
        /** Problems of the flow; the blocking ones keep it from running. */
        problems: z.array(FlowProblem),
      }),
    )
    .min(1)
    .max(10),
});
export type Release = z.infer<typeof Release>;

/** The flow that `/run/{idOrName}` runs: by id, else by endpoint name, else by name, within the team. FLOW_NAME_SHARED when several have this name. */
export const resolveFlow = request('req.flow-registry.flow.resolve.v2', {
  from: ['scheduler'],
  input: Tenant.extend({ flow: z.string().min(1).max(500) }),
  reply: Tenant.extend({
    flowId: z.uuid(),
    name: z.string(),
    endpointName: z.string().nullable(),
    projectId: z.uuid(),
    release: Release,
  }),
});

/**
 * The compiled plan of a version: JSON of `Plan`. Made by the requested compiler if its plan is stored, else by the
 * registry's own.
 */
export const getPlan = request('req.flow-registry.version.plan.v1', {
  from: [EXECUTOR_RUNNER],
  input: Tenant.extend({
    flowId: z.uuid(),
    versionHash: z.string(),
    compiler: z.string().max(100).optional(),
  }),
  reply: z.object({ plan: Payload, flowName: z.string(), compiledBy: z.string().optional() }),
  timeoutMs: 10_000,
});

/** The values of variables, for the executor. Credential values are sent sealed. Names that do not exist are absent. */
export const getVariableValues = request('req.flow-registry.variable.values.v1', {
  from: [EXECUTOR_RUNNER],
  input: Tenant.extend({ names: z.array(z.string().max(200)).max(1000) }),
  reply: z.object({
    variables: z.array(
      z.object({
        /** For its row `sealed` is sealed. A registry of an earlier build does not say it. */
        id: z.uuid().optional(),
        name: z.string(),
        type: z.enum(['Generic', 'Credential']),
        sealed: z.string(),
        defaultFields: z.array(z.string()),
        /** Absent when the list is empty. */
        allowedHosts: z.array(z.string()).optional(),
      }),
    ),
  }),
});

/**
 * Makes a flow. A name that the project already has becomes `X (1)`, an endpoint name that the team already has `x-1`.
 * An `id` that the team has updates that flow instead; an id that belongs to another team is replaced.
 * `data` is the JSON text of the graph; `source` the bytes of the file that contained it, as base64 in the payload's
 * text.
 *
 * @throws CausewayError FLOW_INVALID when `data` is no graph, PROJECT_UNKNOWN, FLOW_LOCKED
 */
export const createFlow = request('req.flow-registry.flow.create.v1', {
  needs: ['flow:write'],
  perObject: true,
  input: Actor.extend({
    id: z.uuid().optional(),
    settings: FlowSettings.partial().required({ name: true }),
    data: Payload,
    source: Payload.optional(),
  }),
  reply: Flow,
  timeoutMs: 30_000,
});

/** One of the flows that `createFlows` makes; with the fields of `createFlow`. */
export const NewFlow = createFlow.input.pick({ settings: true, data: true });
export type NewFlow = z.infer<typeof NewFlow>;

/**
 * Makes several flows, all or none, in their order. `flows` is the JSON text of an array of at most 500 `NewFlow`s.
 *
 * @throws CausewayError FLOW_INVALID, PROJECT_UNKNOWN: the errors of `createFlow` for one of them
 */
export const createFlows = request('req.flow-registry.flow.create_several.v1', {
  needs: ['flow:write'],
  perObject: true,
  input: Actor.extend({ flows: Payload }),
  reply: z.object({ flowIds: z.array(z.uuid()) }),
  timeoutMs: 60_000,
});

/**
 * Imports a file's bytes, as base64 in the payload's text: one flow, several, or a ZIP of them. A known id makes a new
 * version of that flow, never a second flow. The bytes of each flow are stored unchanged. All of the file's flows are
 * imported, or none.
 * `projectId` of the reply: the project of the flows, if it is the same for all. The `problems` of its flows also say
 * what the import changed in their settings; they are not stored with the flow.
 *
 * @throws CausewayError FLOW_INVALID for a file that is no flow, PAYLOAD_TOO_LARGE, PROJECT_UNKNOWN, FLOW_LOCKED
 */
export const importFlows = request('req.flow-registry.flow.import.v1', {
  needs: ['flow:write'],
  perObject: true,
  input: Actor.extend({
    file: Payload,
    fileName: z.string().max(500).optional(),
    projectId: z.uuid().optional(),
    /**
     * Whether the file is a project: its flows are put into a new one, which has the name that the file says, else the
     * file's name, made unique. If they are all in a project of that name already, they stay there.
     */
    asProject: z.boolean().optional(),
  }),
  reply: z.object({ flows: z.array(Flow), projectId: z.uuid().optional() }),
  timeoutMs: 60_000,
});

/**
 * Changes the given members. If none of them differs, nothing changes, and no event is written.
 *
 * @throws CausewayError FLOW_UNKNOWN, FLOW_LOCKED unless `locked: false` is among the settings, ENDPOINT_TAKEN,
 * PROJECT_UNKNOWN
 */
export const updateFlow = request('req.flow-registry.flow.update.v1', {
  needs: ['flow:write'],
  perObject: true,
  input: Actor.extend({ flowId: z.uuid(), settings: FlowSettings.partial(), data: Payload.optional() }),
  reply: Flow,
  timeoutMs: 30_000,
});

export const getFlow = request('req.flow-registry.flow.get.v1', {
  needs: ['flow:read', 'flow:write'],
  perObject: true,
  input: Tenant.extend({ flowId: z.uuid(), reach: Reach.optional() }),
  reply: Flow,
  // A large graph is masked after other large ones.
  timeoutMs: 30_000,
});

export const listFlows = request('req.flow-registry.flow.list.v1', {
  needs: ['flow:read', 'flow:write'],
  perObject: true,
  input: Tenant.extend({
    reach: Reach.optional(),
    /** Of what the caller may know, only this: what it may also read, when its request is about reading. */
    only: Reach.optional(),
    projectId: z.uuid().optional(),
    flowIds: z.array(z.uuid()).max(500).optional(),
    componentsOnly: z.boolean().default(false),
    flowsOnly: z.boolean().default(false),
    /** A part of the name, in upper or lower case. */
    search: z.string().max(500).optional(),
    /** With graphs, until they have 4 MB in all: later flows come without `data` and must be requested again. */
    withData: z.boolean().default(false),
    /**
     * The graphs as an export has them: with empty fields instead of secrets, and without the editor's view settings.
     */
    asExport: z.boolean().default(false),
    page: z.number().int().min(1).default(1),
    size: z.number().int().min(1).max(500).default(50),
  }),
  reply: z.object({ items: z.array(Flow), total: z.number().int() }),
  timeoutMs: 30_000,
});

export const deleteFlows = request('req.flow-registry.flow.delete.v1', {
  needs: ['flow:write'],
  perObject: true,
  input: Actor.extend({ flowIds: z.array(z.uuid()).max(500) }),
  reply: z.object({ deleted: z.array(z.uuid()) }),
});

/**
 * The bytes that were imported, as base64 in the payload's text: the file of a single flow, the whole file of several,
 * the file within a ZIP. A flow that was made or changed here since is written in its present form, and so is every flow
 * for somebody who may not write in the whole team, because the file may hold others. The bytes contain secrets, unlike every other
 * reply of the registry, so each reader is recorded in the audit log; somebody who has the flow only by a share gets it without them.
 */
export const getFlowSource = request('req.flow-registry.flow.source.v2', {
  needs: ['flow:write'],
  perObject: true,
  input: Actor.extend({ flowId: z.uuid() }),
  reply: z.object({ fileName: z.string(), source: Payload }),
  timeoutMs: 30_000,
});

/**
 * The hosts that the flow's secrets may be sent to beside those that it names. Stored beside the flow: no file contains
 * or changes them.
 */
export const getAllowedHosts = request('req.flow-registry.flow.allowed_hosts.v1', {
  needs: ['flow:read'],
  perObject: true,
  from: ['gateway', EXECUTOR_RUNNER],
  input: Tenant.extend({ flowId: z.uuid(), reach: Reach.optional() }),
  reply: z.object({ hosts: z.array(z.string()) }),
});

/** Sets the whole list. The same list again changes nothing. @throws CausewayError FLOW_UNKNOWN */
export const setAllowedHosts = request('req.flow-registry.flow.allow_hosts.v1', {
  needs: ['flow:write'],
  perObject: true,
  input: Actor.extend({ flowId: z.uuid(), hosts: AllowedHosts }),
  reply: z.object({ hosts: z.array(z.string()) }),
});

/** SHA-256 in hex. */
export const VersionHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'give the 64 characters of a version, as the list of versions has them');

/** A version of a flow: what it was after a change. */
export const FlowVersion = z.object({
  versionHash: z.string(),
  /** When the flow first had this content. */
  createdAt: z.iso.datetime(),
  /** Whether the flow has this content now. */
  isNewest: z.boolean(),
  /** Whether runs use it although it may not be the newest one. */
  isPublished: z.boolean(),
});
export type FlowVersion = z.infer<typeof FlowVersion>;

/** The versions of a flow that are kept, newest first. @throws CausewayError FLOW_UNKNOWN */
export const listVersions = request('req.flow-registry.version.list.v1', {
  needs: ['flow:read'],
  perObject: true,
  input: Tenant.extend({ flowId: z.uuid(), reach: Reach.optional(), page: PageRequest }),
  reply: z.object({ items: z.array(FlowVersion), next: z.string().optional() }),
});

/**
 * Sets the version that runs use from now on, whatever is saved later; with null they use the newest one again. The same version again
 * changes nothing.
 *
 * @throws CausewayError FLOW_UNKNOWN, VERSION_UNKNOWN, PERMISSION_DENIED
 */
export const publishVersion = request('req.flow-registry.version.publish.v1', {
  needs: ['flow:publish'],
  perObject: true,
  input: Actor.extend({ flowId: z.uuid(), versionHash: VersionHash.nullable() }),
  reply: z.object({ versionHash: z.string().nullable() }),
});

/** A flow was changed or deleted: caches of `resolveFlow` drop it. May be lost, so caches also expire. */
export const flowChanged = live('live.flow-registry.flow.changed.v1', {
  to: ['scheduler'],
  input: Tenant.extend({ flowId: z.uuid() }),
});

export const Project = z.object({
  id: z.uuid(),
  organisationId: z.uuid(),
  teamId: z.uuid(),
  name: z.string(),
  description: z.string().nullable(),
  parentId: z.uuid().nullable(),
});
export type Project = z.infer<typeof Project>;

export const createProject = request('req.flow-registry.project.create.v1', {
  needs: ['project:write'],
  input: Actor.extend({
    name: z.string().min(1).max(500),
    description: z.string().max(10_000).nullable().optional(),
    flowIds: z.array(z.uuid()).max(500).optional(),
  }),
  reply: Project,
});
export const updateProject = request('req.flow-registry.project.update.v1', {
  needs: ['project:write'],
  perObject: true,
  input: Actor.extend({
    projectId: z.uuid(),
    name: z.string().min(1).max(500).optional(),
    description: z.string().max(10_000).nullable().optional(),
    flowIds: z.array(z.uuid()).max(500).optional(),
  }),
  reply: Project,
});
export const listProjects = request('req.flow-registry.project.list.v1', {
  needs: ['project:read'],
  perObject: true,
  input: Tenant.extend({ page: PageRequest.default({ limit: 500 }), reach: Reach.optional() }),
  reply: z.object({ items: z.array(Project), next: z.string().optional() }),
});
export const getProject = request('req.flow-registry.project.get.v1', {
  needs: ['project:read'],
  perObject: true,
  input: Tenant.extend({ projectId: z.uuid(), reach: Reach.optional() }),
  reply: Project,
});
export const deleteProject = request('req.flow-registry.project.delete.v1', {
  needs: ['project:write'],
  perObject: true,
  input: Actor.extend({ projectId: z.uuid() }),
  reply: z.object({}),
});

/** A variable; the value of a Credential leaves the registry only sealed, for the executor. */
export const Variable = z.object({
  id: z.uuid(),
  name: z.string(),
  type: z.enum(['Generic', 'Credential']),
  value: z.string().nullable(),
  defaultFields: z.array(z.string()),
  /** Hosts that the value may be sent to beside the origins that a flow names. */
  allowedHosts: z.array(z.string()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Variable = z.infer<typeof Variable>;

export const createVariable = request('req.flow-registry.variable.create.v1', {
  needs: ['variable:write'],
  input: Actor.extend({
    name: z.string().min(1).max(200),
    type: z.enum(['Generic', 'Credential']),
    sealedValue: z.string(),
    defaultFields: z.array(z.string()).default([]),
    allowedHosts: AllowedHosts.default([]),
  }),
  reply: Variable,
});
export const updateVariable = request('req.flow-registry.variable.update.v1', {
  needs: ['variable:write'],
  input: Actor.extend({
    variableId: z.uuid(),
    name: z.string().min(1).max(200).optional(),
    type: z.enum(['Generic', 'Credential']).optional(),
    sealedValue: z.string().optional(),
    defaultFields: z.array(z.string()).optional(),
    allowedHosts: AllowedHosts.optional(),
  }),
  reply: Variable,
});
export const listVariables = request('req.flow-registry.variable.list.v1', {
  needs: ['variable:read'],
  input: Tenant.extend({ page: PageRequest.default({ limit: 500 }) }),
  reply: z.object({ items: z.array(Variable), next: z.string().optional() }),
});
export const deleteVariable = request('req.flow-registry.variable.delete.v1', {
  needs: ['variable:write'],
  input: Actor.extend({ variableId: z.uuid() }),
  reply: z.object({}),
});

/** An uploaded file. `flowId` is given for files of one flow (files v1), absent for a user's own (files v2). */
export const StoredFile = z.object({
  id: z.uuid(),
  organisationId: z.uuid(),
  teamId: z.uuid(),
  flowId: z.uuid().nullable(),
  userId: z.string(),
  /** Without extension, as Langflow shows it. */
  name: z.string(),
  /** `<flow or user id>/<file name>`: the value of a flow's file field. */
  path: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  /** The key of its content, sealed for this file; absent for a file that was stored before files had keys of their own. */
  sealedKey: z.string().nullable().optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type StoredFile = z.infer<typeof StoredFile>;

/** Records a file whose bytes are already in the object store. */
export const createFile = request('req.flow-registry.file.create.v1', {
  needs: ['file:write'],
  perObject: true,
  input: Actor.extend({
    flowId: z.uuid().optional(),
    fileName: z.string().min(1).max(500),
    sha256: z.string(),
    bytes: z.number().int().nonnegative(),
    /** The key of its content, sealed for its SHA-256 until it has a row. */
    sealedKey: z.string().optional(),
  }),
  reply: StoredFile,
});
export const listFiles = request('req.flow-registry.file.list.v1', {
  needs: ['file:read', 'file:write'],
  perObject: true,
  input: Tenant.extend({
    reach: Reach.optional(),
    flowId: z.uuid().optional(),
    userId: z.string().optional(),
    page: PageRequest.default({ limit: 500 }),
  }),
  reply: z.object({ items: z.array(StoredFile), next: z.string().optional() }),
});
/** By id or by path, within the team. */
export const getFile = request('req.flow-registry.file.get.v1', {
  needs: ['file:read', 'file:write'],
  perObject: true,
  from: ['gateway', EXECUTOR_RUNNER],
  input: Tenant.extend({
    reach: Reach.optional(),
    fileId: z.uuid().optional(),
    path: z.string().max(1000).optional(),
    /** From an executor: the flow whose run reads the file by its path. A run goes on in its team when its flow was moved with its files. */
    runFlowId: z.uuid().optional(),
  }),
  reply: StoredFile,
});
export const renameFile = request('req.flow-registry.file.rename.v1', {
  needs: ['file:write'],
  input: Actor.extend({ fileId: z.uuid(), name: z.string().min(1).max(400) }),
  reply: StoredFile,
});
export const deleteFiles = request('req.flow-registry.file.delete.v1', {
  needs: ['file:write'],
  perObject: true,
  input: Actor.extend({
    reach: Reach.optional(),
    fileIds: z.array(z.uuid()).max(500).optional(),
    path: z.string().max(1000).optional(),
    all: z.boolean().default(false),
  }),
  reply: z.object({ deleted: z.array(z.uuid()) }),
});

/** How many files are due for removal now, of all teams. */
export const planFileRetention = request('req.flow-registry.retention.plan.v1', {
  needs: ['log:read'],
  input: z.object({}),
  reply: RetentionPlan,
  timeoutMs: 15_000,
});

/** What the registry has yet to seal again with the current data key of the caller's organisation, by table. */
export const getResealing = request('req.flow-registry.resealing.get.v1', {
  needs: ['organisation:write'],
  input: z.object({ principal: Principal }),
  reply: z.object({
    /** The current data key. */
    dataKeyId: z.string(),
    tables: z.array(Resealing),
  }),
  timeoutMs: 15_000,
});
