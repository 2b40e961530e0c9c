import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { causewayError, isUnreachable, ownerOf, submitRun, withoutGrants } from '@causeway/contracts';
import type { AuditEvent, Caller, InputOf, ReplyOf, RunInput, Trigger } from '@causeway/contracts';
import { canonicalJson, isCausewayError } from '@causeway/dag';
import { Bus, SealedKind, type SealedPlace, Vault, currentContext } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

const LONG_CHARACTERS = 256 * 1024;

/** A run that is about to be submitted. */
export interface NewRun {
  readonly runId: string;
  /** The flow's id, its endpoint name or its name. */
  readonly flow: string;
  readonly input: RunInput;
  readonly trigger: Trigger;
  readonly replyTo?: string;
  readonly idempotencyKey?: string;
  /** The run may be watched by readers other than this request. */
  readonly live?: boolean;
}

/** The caller who submits. The flow is added once it is found, for the audit event of a refusal. */
export interface Submitter extends Caller {
  object?: AuditEvent['object'];
}

/** Submits runs to the scheduler. The caller's input is sealed here and opened only by the executor. */
@Injectable()
export class Submitting {
  constructor(
    private readonly bus: Bus,
    private readonly vault: Vault,
  ) {}

  /**
   * Submits; settles once the scheduler has committed the run. Throws the errors of `submitRun`, and RUN_UNCONFIRMED with the run's id when
   * the scheduler may have accepted it but did not confirm it twice.
   */
  async submit(caller: Submitter, run: NewRun): Promise<ReplyOf<typeof submitRun>> {
    const { principal, tenant, requestId, address } = caller;
    const { input, idempotencyKey, ...rest } = run;
    const { traceparent } = currentContext();
    caller.object = { type: 'flow', id: run.flow };
    try {
      const place = {
        organisationId: tenant.organisationId,
        kind: SealedKind.run,
        id: run.runId,
        part: 'input',
      };
      const sealed = await this.seal(input, place);
      const inputHash = idempotencyKey === undefined ? undefined : hashOf(input);
      const accepted = await this.ask({
        ...rest,
        caller: {
          principal: withoutGrants(principal),
          tenant,
          requestId,
          ...(address !== undefined && { address }),
        },
        input: sealed,
        submittedAt: new Date().toISOString(),
        ...(traceparent !== undefined && { traceparent }),
        ...(idempotencyKey !== undefined && { idempotencyKey, inputHash }),
        ...(input.sessionId !== undefined && { stickyKey: input.sessionId }),
      });
      caller.object = flowObject(accepted.flow);
      return accepted;
    } catch (error) {
      const flow = isCausewayError(error) ? (error.details?.['flow'] as unknown) : undefined;
      if (typeof flow === 'object' && flow !== null) caller.object = flowObject(flow as FoundFlow);
      throw error;
    }
  }

  /** Seals an input for its run. Each step takes a while for a large input, so other requests are served between. */
  private async seal(input: RunInput, place: SealedPlace): Promise<string> {
    const text = JSON.stringify(input);
    const isLong = text.length > LONG_CHARACTERS;
    if (isLong) await nextTurn();
    const sealed = await this.vault.seal(text, place);
    if (isLong) await nextTurn();
    return sealed;
  }

  /** Sends the request, and once more when its reply was lost: the same run may be submitted twice. */
  private async ask(question: InputOf<typeof submitRun>): Promise<ReplyOf<typeof submitRun>> {
    let isAgain = false;
    for (;;) {
      try {
        const accepted = await this.bus.request(submitRun, question);
        return { ...accepted, replayed: accepted.replayed && accepted.runId !== question.runId };
      } catch (error) {
        if (!mayHaveArrived(error))
          throw isAgain && isUnreachable(error) ? unconfirmed(question, error) : error;
        if (isAgain) throw unconfirmed(question, error);
        isAgain = true;
      }
    }
  }
}

/** Whether the scheduler may have received the request and committed the run, although no reply came. */
function mayHaveArrived(error: unknown): boolean {
  if (!isCausewayError(error)) return false;
  const { service, mayHaveArrived: isUncertain, commitUnknown } = error.details;
  if (commitUnknown === true) return true;
  return service === ownerOf(submitRun) && (error.code === 'TIMED_OUT' || isUncertain === true);
}

function unconfirmed({ runId, idempotencyKey }: InputOf<typeof submitRun>, cause: unknown): Error {
  const look = `Look for it with GET /api/platform/v1/runs/${runId}: as long as the answer is 404, it was not accepted.`;
  const again =
    idempotencyKey === undefined
      ? `${look} With an Idempotency-Key a request can be sent again without a second run.`
      : 'Send the request again with the same Idempotency-Key: it returns the same run.';
  return causewayError('RUN_UNCONFIRMED', { runId, again, retryAfterS: 1 }, { cause });
}

type FoundFlow = ReplyOf<typeof submitRun>['flow'];

function flowObject({ id, name, versionHash }: FoundFlow): AuditEvent['object'] {
  return { type: 'flow', id, name, version: versionHash };
}

function hashOf(input: RunInput): string {
  return createHash('sha256').update(canonicalJson(input)).digest('hex');
}
