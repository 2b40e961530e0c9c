import { atOnce, pieceCounter } from '@causeway/dag';
import type { Json, Plan, PlanField, Steps } from '@causeway/dag';
import { withScheme } from '../web/request-parts.js';
import { parseCurl } from '../web/parse-curl.js';

/**
 * A scheme and the text up to the beginning of a path. A host that ends with a placeholder is not complete, so it does
 * not match.
 */
const authority = /\b(https?:\/\/[^\s/?#"'`<>\\{}$%^|,;()]{1,300})(?=[/?#\s"'`<>\\^|,;()]|$)/gi;
/** Fields in which a host may be written without a scheme. */
const addressField = /url|uri|host|endpoint|address|api_base/i;

/** The origins that a flow's own values name, at any place in a text. Secrets name none. */
export function literalOrigins(plan: Plan): ReadonlySet<string> {
  return atOnce(literalOriginSteps(plan));
}

/** The same in steps, for a process that must respond meanwhile. */
export function* literalOriginSteps(plan: Plan): Steps<ReadonlySet<string>> {
  const isEnough = pieceCounter();
  const origins = new Set<string>();
  const add = (text: string): void => {
    const origin = URL.parse(text.replace(/[.!:]+$/, ''))?.origin;
    if (origin !== undefined && origin !== 'null') origins.add(origin);
  };
  for (const node of Object.values(plan.nodes)) {
    for (const [name, field] of Object.entries(node.fields)) {
      if (field.password === true || field.type === 'code' || isVariableName(field)) continue;
      for (const text of textsIn(field.value)) {
        if (isEnough()) yield;
        for (const [, found] of text.matchAll(authority)) add(found as string);
        if (addressField.test(name))
          text
            .split(',')
            .filter(isBareHost)
            .forEach((url) => add(withScheme(url)));
        if (name.startsWith('curl')) add(withScheme(urlOfCurl(text)));
      }
    }
  }
  return origins;
}

/** The texts in a value, at any depth, without the names of members. */
export function* textsIn(value: Json): Generator<string> {
  const open: Json[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'string') yield next;
    else if (typeof next === 'object' && next !== null) for (const one of Object.values(next)) open.push(one);
  }
}

/** True when the field contains the name of a variable instead of a value. */
export function isVariableName({ loadFromDb, value }: PlanField): boolean {
  return loadFromDb === true && typeof value === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(value);
}

function isBareHost(text: string): boolean {
  return /^\s*[\w.-]+\.[\w-]+(:\d+)?(\/\S*)?\s*$/.test(text) || /^\s*[\w.-]+:\d+(\/\S*)?\s*$/.test(text);
}

function urlOfCurl(command: string): string {
  try {
    return parseCurl(command).url;
  } catch {
    // Not a command, so there is no address.
    return '';
  }
}
