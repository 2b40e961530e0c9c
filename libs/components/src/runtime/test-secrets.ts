import type { Json, Plan, PlanNode } from '@causeway/dag';
import { providersOfKey } from './models/providers/providers.js';
import { literalOrigins } from './secrets/literal-origins.js';
import { literalSecrets } from './secrets/literal-secrets.js';
import { RunSecrets } from './secrets/run-secrets.js';
import type { Secret } from './secrets/secret.js';
import type { TestOptions } from './test-options.js';

/** A flow of one node as it is stored: a value of the request is not the flow's own. */
export function storedPlan(node: PlanNode, options: TestOptions): Plan {
  const requestFields = options.context?.requestFields ?? new Map<string, Json>();
  const fields = Object.entries(node.fields).map(([name, field]) => [
    name,
    requestFields.has(name) ? { ...field, value: requestFields.get(name) } : field,
  ]);
  return { nodes: { [node.id]: { ...node, fields: Object.fromEntries(fields) } } } as unknown as Plan;
}

/** The secrets of a run, as the executor would find them. */
export function testSecrets(plan: Plan, options: TestOptions): RunSecrets {
  const stored = Object.entries(options.variables ?? {}).flatMap(([name, value]): Secret[] => {
    const of = providersOfKey(name);
    return of.length === 0 ? [] : [{ value, label: `the credential ${name}`, variable: name, providers: of }];
  });
  const platform = Object.entries(options.models?.providerKeys ?? {}).map(([id, value]): Secret => ({
    value,
    label: `the key of ${id}`,
    providers: [id],
    isOfPlatform: true,
  }));
  return new RunSecrets({
    flowId: 'the-flow',
    secrets: [...literalSecrets(plan), ...stored, ...platform, ...(options.secrets ?? [])],
    origins: literalOrigins(plan),
    providerBaseUrls: options.models?.providerBaseUrls ?? {},
    allowedHosts: async () => options.allowedHosts ?? [],
    brought: new Set(Object.values(options.context?.requestVariables ?? {})),
  });
}
