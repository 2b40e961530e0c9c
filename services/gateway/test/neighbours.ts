import { createHash, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DEFAULT_ORGANISATION_ID,
  DEFAULT_TEAM_ID,
  acceptInvitation,
  causewayError,
  endProviderSessions,
  findPageOrigin,
  findWebhook,
  finishSignIn,
  permissions,
  readInvitation,
  signInWithPassword,
  submitRun,
  verifyKey,
  verifyScimToken,
  verifySession,
  verifyToken,
} from '@causeway/contracts';
import type { ErrorDetails, InputOf, ReplyOf, RunInput } from '@causeway/contracts';
import { Handles, SealedKind, runService } from '@causeway/platform';
import { Controller, Module } from '@nestjs/common';
import { afterAll } from 'vitest';
import { startKeyOwner, testKeys, testVault } from '@causeway/platform/testing';

/** The keys that are right, all of one user; auth answers for the second one when a test lets it, and the third may only read flows. */
export const KEY = 'sk-right';
export const LATE_KEY = 'sk-right-but-late';
export const READER_KEY = 'sk-right-to-read';
/** The origin of a public page that a key lists. */
export const PAGE = 'https://www.shop.example';
/** The SCIM token of a connection. */
export const SCIM_TOKEN = 'cm-right';
const [keyHash, lateHash, readerHash, scimHash = ''] = [KEY, LATE_KEY, READER_KEY, SCIM_TOKEN].map((key) =>
  createHash('sha256').update(key).digest('hex'),
);
const submitted: InputOf<typeof submitRun>[] = [];
const asked: string[] = [];
const hooksAsked: string[] = [];
const originsAsked: string[] = [];
const refused: string[] = [];
const submittedIds = new Set<string>();
const stopped = new EventEmitter();
const verified = new EventEmitter();

@Controller()
class Auth {
  @Handles(verifyKey)
  async verify(question: InputOf<typeof verifyKey>): Promise<ReplyOf<typeof verifyKey>> {
    asked.push(question.keyHash);
    if (question.keyHash === lateHash) await once(verified, 'verified');
    else if (question.keyHash !== keyHash && question.keyHash !== readerHash) throw refuse('KEY_INVALID', {});
    const tenant = { organisationId: DEFAULT_ORGANISATION_ID, teamId: DEFAULT_TEAM_ID };
    const who = { kind: 'user', id: 'tester', name: 'tester' } as const;
    const may = question.keyHash === readerHash ? (['flow:read'] as const) : permissions;
    return {
      principal: { ...who, ...tenant, keyId: keyIdOf(question.keyHash), permissions: [...may] },
      expiresAt: null,
    };
  }

  @Handles(findPageOrigin)
  findOrigin({ origin }: InputOf<typeof findPageOrigin>): ReplyOf<typeof findPageOrigin> {
    originsAsked.push(origin);
    if (origin !== PAGE) refused.push('PAGE_UNKNOWN');
    return { isListed: origin === PAGE };
  }

  @Handles(verifyScimToken)
  verifyScim({ tokenHash }: InputOf<typeof verifyScimToken>): ReplyOf<typeof verifyScimToken> {
    if (tokenHash !== scimHash) throw refuse('SCIM_TOKEN_INVALID', {});
    const tenant = { organisationId: DEFAULT_ORGANISATION_ID, teamId: DEFAULT_TEAM_ID };
    const who = { kind: 'scim', id: randomUUID(), name: 'a connection' } as const;
    return { principal: { ...who, ...tenant, keyId: keyIdOf(tokenHash), permissions: [] } };
  }
}

/** The rest of auth, which knows no session, no token, and nobody who signs in. */
@Controller()
class SignIns {
  @Handles(verifySession)
  session(): never {
    throw refuse('SESSION_ENDED', { page: '/sign-in' });
  }

  @Handles(verifyToken)
  token(): never {
    throw refuse('TOKEN_INVALID', {});
  }

  @Handles(signInWithPassword)
  password(): never {
    throw refuse('PASSWORD_WRONG', {});
  }

  @Handles(readInvitation)
  invitation(): never {
    throw refuse('INVITATION_UNKNOWN', {});
  }

  @Handles(acceptInvitation)
  accept(): never {
    throw refuse('INVITATION_UNKNOWN', {});
  }

  @Handles(finishSignIn)
  finish(): never {
    throw refuse('SIGN_IN_EXPIRED', { minutes: 10 });
  }

  @Handles(endProviderSessions)
  logout(): never {
    throw refuse('LOGOUT_TOKEN_INVALID', { problem: 'it is not signed' });
  }
}

function refuse<C extends Parameters<typeof causewayError>[0]>(code: C, details: ErrorDetails<C>): Error {
  refused.push(code);
  return causewayError(code, details);
}

/** An id that belongs to a key. */
function keyIdOf(keyHash: string): string {
  return keyHash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}

@Controller()
class Scheduler {
  @Handles(submitRun)
  async submit(input: InputOf<typeof submitRun>): Promise<ReplyOf<typeof submitRun>> {
    submitted.push(input);
    const flow = { id: randomUUID(), name: input.flow, versionHash: 'v', projectId: randomUUID() };
    const isAgain = submittedIds.has(input.runId);
    submittedIds.add(input.runId);
    if (input.flow === 'unconfirmed' || (input.flow === 'late' && !isAgain)) await once(stopped, 'stop');
    return { runId: input.runId, status: 'queued', replayed: isAgain, flow };
  }
}

@Controller()
class Registry {
  @Handles(findWebhook)
  async find({ tokenHash }: InputOf<typeof findWebhook>): Promise<ReplyOf<typeof findWebhook>> {
    hooksAsked.push(tokenHash);
    refused.push('WEBHOOK_UNKNOWN');
    return { webhook: null };
  }
}

@Module({ controllers: [Auth, SignIns] })
class AuthModule {}
@Module({ controllers: [Registry] })
class RegistryModule {}
@Module({ controllers: [Scheduler] })
class SchedulerModule {}

/**
 * Stand-ins for the services that a gateway calls: two keys are right; runs of any flow are accepted and never end. A run of the flow
 * `unconfirmed` is never confirmed; one of `late` only when it is submitted again.
 */
export interface Neighbours {
  /** The environment for a gateway that uses them. */
  readonly environment: Record<string, string>;
  /** Hashes of the keys in requests to auth. */
  readonly asked: readonly string[];
  /** Hashes of the addresses of webhooks in requests to the registry, which knows none. */
  readonly hooksAsked: readonly string[];
  /** Origins of pages in requests to auth. */
  readonly originsAsked: readonly string[];
  /** Codes with which auth and the registry refused what somebody presented. */
  readonly refused: readonly string[];
  /** Lets auth answer the waiting requests about the late key. */
  verifyLate(): void;
  /** The input of the last run. */
  lastInput(): Promise<RunInput>;
}

/** Call it at a file's top level. */
export async function startNeighbours(natsUrl: string): Promise<Neighbours> {
  const objects = mkdtempSync(join(tmpdir(), 'gateway-'));
  const environment = {
    ...testKeys,
    CAUSEWAY_NATS_URL: natsUrl,
    CAUSEWAY_OBJECT_STORE: objects,
  };
  const embedded = {
    settings: {},
    embedded: true,
    version: '0',
    environment: { ...environment, CAUSEWAY_LOG_LEVEL: 'silent' },
  };
  const services = await Promise.all([
    runService({ ...embedded, name: 'scheduler', module: async () => SchedulerModule }),
    runService({ ...embedded, name: 'auth', module: async () => AuthModule }),
    runService({ ...embedded, name: 'flow-registry', module: async () => RegistryModule }),
  ]);
  const keys = await startKeyOwner(natsUrl);
  afterAll(async () => {
    stopped.emit('stop');
    verified.emit('verified');
    await Promise.all([keys.stop(), ...services.map((service) => service.drain('test is over'))]);
    rmSync(objects, { recursive: true, force: true });
  });
  return {
    environment,
    asked,
    hooksAsked,
    originsAsked,
    refused,
    verifyLate: () => void verified.emit('verified'),
    async lastInput() {
      const last = submitted.at(-1);
      if (!last) throw new Error('no run was submitted');
      const { runId: id, input, caller } = last;
      const { organisationId } = caller.tenant;
      const place = { organisationId, kind: SealedKind.run, id, part: 'input' };
      return JSON.parse(await testVault().open(input, place)) as RunInput;
    },
  };
}
