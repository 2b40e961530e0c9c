import { randomBytes } from 'node:crypto';
import { causewayError, deleteWebhook, findWebhook, getWebhook, setWebhook } from '@causeway/contracts';
import type { Caller, FlowWebhook, Principal, ReplyOf } from '@causeway/contracts';
import { actorOf, tenantOf } from '@causeway/contracts';
import { Bus, Vault, apiKeyHash, newId, SealedKind, type SealedPlace } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { ExpiringMap } from '../domain/expiring-map.js';
import { type SignedHeaders, findSignatureProblem, webhookSecret } from '../domain/webhook-signature.js';

/** The registry's answer about an address is trusted for this time: an ended webhook stops working within it, as a revoked key does. */
const BELIEVED_MS = 1_000;
const REMEMBERED = 10_000;
/** An address that was right does not count as a guess for so long. */
const RIGHT_MS = 3_600_000;
const TOKEN_BYTES = 32;
/** Like a key's beginning, so that whatever masks keys in logs and errors masks the address too. */
const TOKEN_PREFIX = 'cw-hook-';

type Found = NonNullable<ReplyOf<typeof findWebhook>['webhook']>;

/** A webhook as a caller: it may run its flow and nothing else. */
interface Known {
  readonly principal: Principal;
  readonly found: Found;
}

/** A new webhook with what is shown of it only once. */
export interface NewWebhook extends FlowWebhook {
  readonly token: string;
  readonly secret?: string;
}

/** The webhooks of flows: who calls one, whether the request is signed, and how one is made. */
@Injectable()
export class Webhooks {
  private readonly known = new ExpiringMap<Known | null>(REMEMBERED, BELIEVED_MS);
  private readonly right = new ExpiringMap<true>(REMEMBERED, RIGHT_MS);
  private readonly asking = new Map<string, Promise<Known | null>>();
  private readonly byPrincipal = new WeakMap<Principal, Found>();

  constructor(
    private readonly bus: Bus,
    private readonly vault: Vault,
  ) {}

  /** The principal of an address. @throws CausewayError WEBHOOK_UNKNOWN, UNAVAILABLE */
  async identify(token: string): Promise<Principal> {
    const tokenHash = apiKeyHash(token);
    const cached = this.known.get(tokenHash, Date.now());
    const known = cached === undefined ? await this.ask(tokenHash) : cached;
    if (!known) throw causewayError('WEBHOOK_UNKNOWN', {});
    return known.principal;
  }

  /** Whether an address needs no new question to the registry, or was right within the hour. */
  remembers(token: string): boolean {
    const tokenHash = apiKeyHash(token);
    const nowMs = Date.now();
    return this.known.get(tokenHash, nowMs) !== undefined || this.right.get(tokenHash, nowMs) === true;
  }

  /** The id of the flow that a webhook's principal may run. */
  flowOf(principal: Principal): string {
    return this.foundOf(principal).flowId;
  }

  /** Whether a webhook's requests must be signed; then the request is checked. @throws CausewayError WEBHOOK_UNSIGNED */
  async checkSigned(
    principal: Principal,
    headers: SignedHeaders,
    body: Buffer,
    nowMs: number,
  ): Promise<boolean> {
    const { sealedSecret, flowId } = this.foundOf(principal);
    if (sealedSecret === null) return false;
    const secret = await this.vault.open(sealedSecret, placeOf(principal.organisationId, flowId));
    const problem = findSignatureProblem(secret, headers, body, nowMs);
    if (problem !== undefined) throw causewayError('WEBHOOK_UNSIGNED', { problem });
    return true;
  }

  /** Throws FLOW_UNKNOWN. */
  async get(caller: Caller, flowId: string): Promise<FlowWebhook | null> {
    return (await this.bus.request(getWebhook, { ...tenantOf(caller), flowId })).webhook;
  }

  /** Throws FLOW_UNKNOWN, PERMISSION_DENIED. Token and secret are made here, where they are handed out, and are in no message. */
  async replace(caller: Caller, flowId: string, isSigned: boolean): Promise<NewWebhook> {
    const token = TOKEN_PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');
    const secret = isSigned ? webhookSecret(randomBytes(TOKEN_BYTES)) : undefined;
    const { webhook } = await this.bus.request(setWebhook, {
      ...actorOf(caller),
      flowId,
      webhookId: newId(),
      tokenHash: apiKeyHash(token),
      ...(secret !== undefined && {
        sealedSecret: await this.vault.seal(secret, placeOf(caller.tenant.organisationId, flowId)),
      }),
    });
    return { ...webhook, token, ...(secret !== undefined && { secret }) };
  }

  /** Throws FLOW_UNKNOWN, PERMISSION_DENIED. */
  async end(caller: Caller, flowId: string): Promise<void> {
    await this.bus.request(deleteWebhook, { ...actorOf(caller), flowId });
  }

  private foundOf(principal: Principal): Found {
    const found = this.byPrincipal.get(principal);
    if (!found) throw new Error('a principal that is no webhook');
    return found;
  }

  /** Asks the registry once at a time about an address, also about one that does not exist. */
  private ask(tokenHash: string): Promise<Known | null> {
    const asked = this.asking.get(tokenHash);
    if (asked) return asked;
    const question = this.bus
      .request(findWebhook, { tokenHash })
      .then(({ webhook }) => {
        const known = webhook && this.knownOf(webhook);
        this.known.set(tokenHash, known, Date.now());
        if (known) this.right.set(tokenHash, true, Date.now());
        else this.right.delete(tokenHash);
        return known;
      })
      .finally(() => this.asking.delete(tokenHash));
    this.asking.set(tokenHash, question);
    return question;
  }

  private knownOf(found: Found): Known {
    const { id, flowId, flowName, organisationId, teamId } = found;
    const principal: Principal = {
      kind: 'webhook',
      id,
      name: `webhook of ${flowName}`.slice(0, 200),
      organisationId,
      teamId,
      permissions: [],
      objects: [{ level: 'flow', objectId: flowId, permissions: ['flow:run'] }],
    };
    this.byPrincipal.set(principal, found);
    return { principal, found };
  }
}

function placeOf(organisationId: string, flowId: string): SealedPlace {
  return { organisationId, kind: SealedKind.webhook, id: flowId };
}
