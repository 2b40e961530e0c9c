import { isSecretField, secretsIn } from '@causeway/dag';
import type { JsonObject, Plan, PlanField, PlanNode } from '@causeway/dag';
import { catalogue } from '../../specs/catalogue.js';
import { isVariableName } from './literal-origins.js';
import type { Secret } from './secret.js';

/**
 * The secrets that a flow itself contains, by the same rule that masks them when the flow is shown. Names of variables
 * are no secrets.
 */
export function literalSecrets(plan: Plan): readonly Secret[] {
  return Object.values(plan.nodes).flatMap((node) =>
    Object.entries(node.fields).flatMap(([name, field]) => secretsOf(node, name, field)),
  );
}

function secretsOf(node: PlanNode, name: string, field: PlanField): Secret[] {
  const spec = catalogue.find(node.type);
  const isSecret = isSecretField(name, { password: field.password === true } as JsonObject, spec);
  if (isSecret && isVariableName(field)) return [];
  const isKnown = spec?.fields.some((known) => known.name === name) === true;
  const place = { name: isKnown ? '' : name, isSecret, isHeaders: name === 'headers' };
  return secretsIn(field.value, place)
    .filter(({ value, isMarked }) => value.trim() !== '' && !isMarked)
    .map(({ value, what }) => ({
      value: withoutAuthScheme(value.trim()),
      label: `the value of ${what === '' ? '' : `${what} in `}field "${field.displayName}" on "${node.displayName}" (${node.id})`,
    }));
}

function withoutAuthScheme(value: string): string {
  return /^(?:Basic|Bearer|Token|ApiKey)\s+(\S.*)$/is.exec(value)?.[1] ?? value;
}
