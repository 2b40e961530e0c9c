import { setTimeout as sleep } from 'node:timers/promises';
import type { RunSecrets } from '@causeway/components/runtime';
import { RunInput, causewayError, isUnreachable } from '@causeway/contracts';
import { Payloads, SealedKind, Vault, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { resolveFields, wantedVariables } from '../domain/prepare/node-variables.js';
import type { FoundVariable, ResolvedFields } from '../domain/prepare/node-variables.js';
import { prepareRun } from '../domain/prepare/prepare-run.js';
import type { PreparedRun } from '../domain/prepare/prepare-run.js';
import { writtenValues } from '../domain/prepare/request-fields.js';
import type { RequestFields } from '../domain/prepare/request-fields.js';
import { problemsError } from '../domain/ending/run-error.js';
import { isSupervisorGone } from '../runner/keys/supervisor-keys.js';
import { Plans } from '../runner/plans.js';
import type { RunControl } from '../runner/claims/run-control.js';
import { Secrecy } from './values/secrecy.js';
import { Variables } from './values/variables.js';

const RETRY_MS = 500;

/** All that a run needs before its first step. */
export interface Prepared extends PreparedRun {
  readonly input: RunInput;
  readonly flowName: string;
  readonly fields: ResolvedFields;
  /** The fields whose values came with the request. */
  readonly fromRequest: RequestFields;
  readonly secrets: RunSecrets;
}

/** Prepares a run: opens its sealed input, gets its plan, applies the request to it, and looks up the variables that it names. */
@Injectable()
export class Preparing {
  constructor(
    private readonly vault: Vault,
    private readonly payloads: Payloads,
    private readonly plans: Plans,
    private readonly variables: Variables,
    private readonly secrecy: Secrecy,
  ) {}

  /**
   * Waits for services that are unreachable, until the run is stopped.
   *
   * @throws CausewayError that lists every problem that keeps the run from being executed; the signal's reason
   */
  async prepare(control: RunControl): Promise<Prepared> {
    const { envelope } = control.claimed;
    const { organisationId, runId } = envelope;
    const sealed = await this.payloads.loadSealed(envelope.input);
    const place = { organisationId, kind: SealedKind.run, id: runId, part: 'input' };
    const input = RunInput.parse(JSON.parse(await whenThere(control, () => this.vault.open(sealed, place))));
    const { plan, flowName } = await whenThere(control, () => this.plans.get(envelope));
    const prepared = prepareRun(plan, input, envelope.isPublic ? envelope.runId : envelope.flowId);
    if (!('plan' in prepared)) throw problemsError(prepared);
    const names = wantedVariables(prepared.plan, prepared.scope);
    const found: ReadonlyMap<string, FoundVariable> =
      names.length === 0
        ? new Map()
        : await whenThere(control, () => this.variables.find(envelope, input, names));
    const { plan: changed, scope, written } = prepared;
    const { problems, ...resolved } = resolveFields(plan, changed, scope, written, (name) => found.get(name));
    if (problems.length > 0) throw problemsError(problems);
    const secrets = await this.secrecy.of(envelope, plan, found, input, writtenValues(changed, written));
    return { ...prepared, input, flowName, secrets, ...resolved };
  }
}

/**
 * Repeats a request while the other service is unreachable; the run's deadline ends the waiting. A runner whose supervisor has ended gets no
 * key any more, so it gives the run back at once.
 */
async function whenThere<T>(control: RunControl, ask: () => Promise<T>): Promise<T> {
  const { signal } = control;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      if (isSupervisorGone(error)) control.stop(causewayError('DRAINING', {}));
      log.warn({ error }, 'waiting for what a run needs');
      await sleep(RETRY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
