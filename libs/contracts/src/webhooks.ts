import { z } from 'zod';
import { request } from './contract.js';
import { Principal, Reach, Tenant } from './tenancy.js';

const Actor = z.object({ principal: Principal, requestId: z.string() });
const OfFlow = Tenant.extend({ flowId: z.uuid(), reach: Reach.optional() });

/** SHA-256 in hex of the token in a webhook's address. The token has 256 random bits, so it needs no salt and no slow hash. */
const TokenHash = z.string().regex(/^[0-9a-f]{64}$/);

/** A flow's own webhook, without the token of its address, which nobody has stored, and without its secret. */
export const FlowWebhook = z.object({
  id: z.uuid(),
  /** Whether its requests must be signed. */
  isSigned: z.boolean(),
  createdAt: z.iso.datetime(),
});
export type FlowWebhook = z.infer<typeof FlowWebhook>;

/** The webhook of a flow; null when it has none. @throws CausewayError FLOW_UNKNOWN */
export const getWebhook = request('req.flow-registry.webhook.get.v1', {
  needs: ['flow:read'],
  perObject: true,
  input: OfFlow,
  reply: z.object({ webhook: FlowWebhook.nullable() }),
});

/**
 * Gives a flow a webhook in place of the one it may have had, which ends. The actor must be able to change and to run the flow, since
 * whoever knows the address can run it. The gateway makes token and secret where it hands them out: here are the hash of the one and the
 * other one sealed. The same message twice changes nothing, by `webhookId`.
 *
 * @throws CausewayError FLOW_UNKNOWN
 */
export const setWebhook = request('req.flow-registry.webhook.set.v1', {
  needs: ['flow:write'],
  perObject: true,
  input: Actor.extend({
    flowId: z.uuid(),
    webhookId: z.uuid(),
    tokenHash: TokenHash,
    sealedSecret: z.string().max(1_000).optional(),
  }),
  reply: z.object({ webhook: FlowWebhook }),
});

/** Ends a flow's webhook. A flow without one stays as it is. @throws CausewayError FLOW_UNKNOWN */
export const deleteWebhook = request('req.flow-registry.webhook.delete.v1', {
  needs: ['flow:write'],
  perObject: true,
  input: Actor.extend({ flowId: z.uuid() }),
  reply: z.object({}),
});

/** The webhook with this address and its flow; null when there is none, or its flow was deleted. */
export const findWebhook = request('req.flow-registry.webhook.find.v1', {
  gatewayActsFor: 'itself',
  input: z.object({ tokenHash: TokenHash }),
  reply: z.object({
    webhook: Tenant.extend({
      id: z.uuid(),
      flowId: z.uuid(),
      flowName: z.string(),
      sealedSecret: z.string().nullable(),
    }).nullable(),
  }),
});
