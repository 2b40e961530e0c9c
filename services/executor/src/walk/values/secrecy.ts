import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import {
  RunSecrets,
  literalOriginSteps,
  literalSecretSteps,
  providersOfKey,
} from '@causeway/components/runtime';
import type { Secret } from '@causeway/components/runtime';
import { isUnreachable } from '@causeway/contracts';
import type { RunEnvelope, RunInput } from '@causeway/contracts';
import { isSecretName } from '@causeway/dag';
import type { Json, Plan, Steps } from '@causeway/dag';
import { log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { FlowRegistryClient } from '../../clients/flow-registry.client.js';
import type { FoundVariable } from '../../domain/prepare/node-variables.js';
import { Outside } from '../../runner/outside.js';

/** How long a flow's list may be used before it is read again. */
const FRESH_MS = 5_000;
/** Milliseconds of one turn in which a flow's texts are searched: other runs are served in between. */
const TURN_MS = 10;
const ASK_AGAIN_MS = 300;
const MOST_ASKS = 10;

/** The secret parts of a version's own text, and the addresses that it names. */
interface OfPlan {
  readonly secrets: readonly Secret[];
  readonly origins: ReadonlySet<string>;
}

/** The secrets of each run, and the destinations to which its flow may send them. */
@Injectable()
export class Secrecy {
  // The key is the flow's own plan, which the runner keeps, so each version is read once.
  private readonly plans = new WeakMap<Plan, Promise<OfPlan>>();

  constructor(
    private readonly outside: Outside,
    private readonly registry: FlowRegistryClient,
  ) {}

  /**
   * @param own      the stored flow's plan, without the request's changes
   * @param found    the variables that the run takes
   * @param brought  values that the request wrote into secret fields
   */
  async of(
    envelope: RunEnvelope,
    own: Plan,
    found: ReadonlyMap<string, FoundVariable>,
    { variables = {} }: RunInput,
    brought: readonly Json[],
  ): Promise<RunSecrets> {
    const { secrets, origins } = await this.ofPlan(own);
    const credentials = [...found].filter(([, { isCredential }]) => isCredential);
    const written = brought.filter((value) => typeof value === 'string');
    const named = Object.entries(variables).flatMap(([name, value]) => (isSecretName(name) ? [value] : []));
    return new RunSecrets({
      flowId: envelope.flowId,
      secrets: [
        ...this.outside.secrets,
        ...secrets,
        ...credentials.map(([name, variable]) => credential(name, variable)),
      ],
      origins,
      providerBaseUrls: this.outside.models.providerBaseUrls,
      allowedHosts: this.lister(envelope),
      brought: new Set([...Object.values(variables), ...written]),
      broughtSecrets: new Set([...named, ...written]),
    });
  }

  private ofPlan(plan: Plan): Promise<OfPlan> {
    const known = this.plans.get(plan) ?? readPlan(plan);
    this.plans.set(plan, known);
    return known;
  }

  /** Reads the flow's list only when a call would otherwise be refused, and keeps it for a short time. */
  private lister(envelope: RunEnvelope): () => Promise<readonly string[]> {
    let asked: { hosts: Promise<readonly string[]>; untilMs: number } | undefined;
    return () => {
      const now = performance.now();
      if (!asked || asked.untilMs < now) asked = { hosts: this.hosts(envelope), untilMs: now + FRESH_MS };
      return asked.hosts;
    };
  }

  /** Returns no hosts while the registry is unreachable, so that the secret is withheld. */
  private async hosts(envelope: RunEnvelope): Promise<readonly string[]> {
    for (let tried = 1; ; tried++) {
      try {
        return await this.registry.allowedHosts(envelope);
      } catch (error) {
        if (isUnreachable(error) && tried < MOST_ASKS) {
          await pause(ASK_AGAIN_MS);
          continue;
        }
        log.failure(error, 'allowed hosts not read');
        return [];
      }
    }
  }
}

/** Reads a plan in turns, so that the other runs of the process are served meanwhile. */
async function readPlan(plan: Plan): Promise<OfPlan> {
  return {
    secrets: await inTurns(literalSecretSteps(plan)),
    origins: await inTurns(literalOriginSteps(plan)),
  };
}

async function inTurns<T>(steps: Steps<T>): Promise<T> {
  let began = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (performance.now() - began < TURN_MS) continue;
    await nextTurn();
    began = performance.now();
  }
}

/** A stored credential as a run's secret. */
export function credential(name: string, { value, allowedHosts }: FoundVariable): Secret {
  const providers = providersOfKey(name);
  return {
    value,
    label: `the credential ${name}`,
    variable: name,
    ...(allowedHosts && { allowedHosts }),
    ...(providers.length > 0 && { providers }),
  };
}
