import { z } from 'zod';
import { live, request } from '../contract.js';
import { Principal } from '../tenancy.js';

/** Most data keys of an organisation, the retired ones included. */
export const MOST_DATA_KEYS = 1_000;

const Base64Url = z.string().regex(/^[\w-]{1,200}$/);
/** The services that seal and open; of the executor its supervisor, not its runners. */
const holders = ['gateway', 'flow-registry', 'executor'];

/** Who asks for a key, for which exchange: signed by the service, so that nobody else can read the answer. */
export const KeyQuestion = z.object({
  service: z.string().max(50),
  /** X25519, base64url. */
  publicKey: Base64Url,
  /** Ed25519 over the public key and what is asked for. */
  signature: Base64Url,
});
export type KeyQuestion = z.infer<typeof KeyQuestion>;

/** A content that only the process can read that asked for it. */
export const KeyAnswer = z.object({
  /** X25519, base64url. */
  publicKey: Base64Url,
  /** AES-256-GCM with the key that both agree on, base64url. */
  sealed: z.string(),
  signature: Base64Url,
});
export type KeyAnswer = z.infer<typeof KeyAnswer>;

/**
 * The current data key of an organisation, made when it has none, or the one with this id, also a retired one. The answer holds JSON:
 * the key's id, and the key as base64.
 *
 * @throws CausewayError SEALED_UNREADABLE when the organisation has no such key, or auth lacks the master key that wrapped it; SENDER_REFUSED
 */
export const getDataKey = request('req.auth.data-key.get.v1', {
  from: holders,
  gatewayActsFor: 'itself',
  input: z.object({
    organisationId: z.uuid(),
    dataKeyId: z.string().max(100).optional(),
    question: KeyQuestion,
  }),
  reply: z.object({ dataKeyId: z.string(), answer: KeyAnswer }),
});

/** Opens a value that the master key itself sealed, before there were data keys. @throws CausewayError SEALED_UNREADABLE, SENDER_REFUSED */
export const openOldValue = request('req.auth.old-value.open.v1', {
  from: holders,
  gatewayActsFor: 'itself',
  input: z.object({ organisationId: z.uuid(), sealed: z.string(), question: KeyQuestion }),
  reply: z.object({ answer: KeyAnswer }),
  timeoutMs: 15_000,
});

/** The key of a file that was stored before there were data keys. @throws CausewayError SEALED_UNREADABLE, SENDER_REFUSED */
export const getOldFileKey = request('req.auth.old-file.key.v1', {
  from: holders,
  gatewayActsFor: 'itself',
  input: z.object({
    organisationId: z.uuid(),
    masterKeyId: z.string().max(20),
    salt: z.string().max(100),
    question: KeyQuestion,
  }),
  reply: z.object({ answer: KeyAnswer }),
});

/** An organisation has another current data key. May be lost, so holders also ask again by themselves. */
export const dataKeyChanged = live('live.auth.data-key.changed.v1', {
  to: holders,
  input: z.object({ organisationId: z.uuid() }),
});

/** A data key without the key. */
export const DataKeyState = z.object({
  id: z.string(),
  isCurrent: z.boolean(),
  /** The master key that wraps it. */
  masterKeyId: z.string(),
  createdAt: z.iso.datetime(),
});
export type DataKeyState = z.infer<typeof DataKeyState>;

const Actor = z.object({ principal: Principal, requestId: z.string() });

/** What of a table has yet to be sealed again with the current data key of an organisation. */
export const Resealing = z.object({
  table: z.string(),
  /** Rows that another data key has sealed. */
  pending: z.number().int(),
  /** Those of all organisations that could not be opened. */
  unreadable: z.number().int(),
});

/** The data keys of the caller's organisation, newest first, and what auth itself has yet to seal again. Needs organisation:write in the organisation. */
export const listDataKeys = request('req.auth.data-key.list.v1', {
  input: z.object({ principal: Principal }),
  reply: z.object({
    keys: z.array(DataKeyState),
    /** The master key that wraps new data keys. */
    masterKeyId: z.string(),
    resealing: z.array(Resealing),
  }),
});

/**
 * Makes a new data key for the caller's organisation: from now on it seals, and what others have sealed is sealed again in the background.
 * Needs organisation:write in the organisation. Sent twice, it makes two keys, which does no harm.
 *
 * @throws CausewayError PERMISSION_DENIED, KEY_INVALID, LIMIT_REACHED
 */
export const rotateDataKey = request('req.auth.data-key.rotate.v1', {
  input: Actor,
  reply: z.object({ key: DataKeyState }),
});

/**
 * Wraps every data key with the newest master key, in batches; keys that it wraps already are left alone. Needs organisation:write in the
 * organisation.
 *
 * @throws CausewayError PERMISSION_DENIED, KEY_INVALID; SEALED_UNREADABLE when a data key was wrapped with a master key that auth does not have
 */
export const rotateMasterKey = request('req.auth.master-key.rotate.v1', {
  input: Actor,
  /** How many keys were wrapped again, of all organisations. */
  reply: z.object({ masterKeyId: z.string(), rewrapped: z.number().int() }),
  timeoutMs: 30_000,
});
