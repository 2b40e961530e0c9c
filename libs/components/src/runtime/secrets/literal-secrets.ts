import { atOnce, isSecretField, pieceCounter, secretsInSteps } from '@causeway/dag';
import type { JsonObject, Plan, PlanField, PlanNode, Steps } from '@causeway/dag';
import { catalogue } from '../../specs/catalogue.js';
import { isVariableName } from './literal-origins.js';
import type { Secret } from './secret.js';

/**
 * The secrets that a flow itself contains, by the same rule that masks them when the flow is shown. Names of variables
 * are no secrets.
 */
export function literalSecrets(plan: Plan): readonly Secret[] {
  return atOnce(literalSecretSteps(plan));
}

/** The same in steps, for a process that must respond meanwhile. */
export function* literalSecretSteps(plan: Plan): Steps<readonly Secret[]> {
  const secrets: Secret[] = [];
  for (const node of Object.values(plan.nodes)) {
    for (const [name, field] of Object.entries(node.fields)) {
      yield;
      const found = yield* secretsOf(node, name, field);
      for (const secret of found) secrets.push(secret);
    }
  }
  return secrets;
}

function* secretsOf(node: PlanNode, name: string, field: PlanField): Steps<Secret[]> {
  const spec = catalogue.find(node.type);
  const isSecret = isSecretField(name, { password: field.password === true } as JsonObject, spec);
  if (isSecret && isVariableName(field)) return [];
  const isKnown = spec?.fields.some((known) => known.name === name) === true;
  const place = { name: isKnown ? '' : name, isSecret, isHeaders: name === 'headers' };
  const secrets: Secret[] = [];
  const isEnough = pieceCounter();
  for (const { value, what, isMarked } of yield* secretsInSteps(field.value, place)) {
    if (isEnough()) yield;
    if (value.trim() === '' || isMarked) continue;
    secrets.push({
      value: withoutAuthScheme(value.trim()),
      label: `the value of ${what === '' ? '' : `${what} in `}field "${field.displayName}" on "${node.displayName}" (${node.id})`,
    });
  }
  return secrets;
}

function withoutAuthScheme(value: string): string {
  return /^(?:Basic|Bearer|Token|ApiKey)\s+(\S.*)$/is.exec(value)?.[1] ?? value;
}
