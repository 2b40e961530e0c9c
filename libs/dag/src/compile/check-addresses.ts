import type { PlanField, PlanNode } from '../plan.js';
import { type Problem, ProblemCode } from '../problem.js';
import { secretsIn } from '../secret/secrets-in-value.js';
import { looksLikeVariableName } from '../secret/variable-name.js';

const addressField = /url|uri|endpoint|api_base/i;

/**
 * A warning for each address that comes from a variable, on a node that has secrets to send: a run sends none to an
 * address that the flow itself does not name, until its host is allowed.
 */
export function checkAddresses(node: PlanNode, wiredFields: ReadonlySet<string>): Problem[] {
  const fields = Object.entries(node.fields);
  if (!fields.some(([name, field]) => sendsSecret(name, field))) return [];
  return fields
    .filter(([name, field]) => addressField.test(name) && !wiredFields.has(name) && namesVariable(field))
    .map(([name, { displayName, value }]) => ({
      code: ProblemCode.addressOfVariable,
      severity: 'warning',
      message: `"${node.displayName}" (${node.id}) takes its address in field "${displayName}" from ${nameOf(value as string)}. A run sends secrets only to addresses that the flow itself names, so this node gets none until the host is allowed.`,
      remedy:
        'Allow the host: npx causeway flows allow-hosts FLOW HOST; or write the address into the field.',
      nodes: [node.id],
      nodeType: node.type,
      field: name,
    }));
}

/** A model finds its key elsewhere when its field is empty. */
function sendsSecret(name: string, field: PlanField): boolean {
  if (field.takesCredentials !== true) return false;
  if (field.password === true) return true;
  const place = { name, isHeaders: name === 'headers' };
  return (
    JSON.stringify(field.value).includes('__load_from_db_fields') || secretsIn(field.value, place).length > 0
  );
}

function namesVariable({ loadFromDb, value, show }: PlanField): boolean {
  return loadFromDb === true && show !== false && typeof value === 'string' && value !== '';
}

function nameOf(variable: string): string {
  return looksLikeVariableName(variable, false) ? `the variable "${variable}"` : 'a variable';
}
