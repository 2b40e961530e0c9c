import { isPlainObject, type Json, type JsonObject } from '../json.js';
import { textDepth, textValues } from '../json-text.js';
import { type Problem, ProblemCode } from '../problem.js';
import { entryOf, listAt, objectAt, textAt } from '../safe-record.js';
import type { FlowData } from './flow-document.js';

/** Products whose files are sometimes sent instead of Langflow's, and what these products call a flow. */
const products = {
  n8n: 'an n8n workflow',
  Flowise: 'a Flowise chatflow',
  Dify: 'a Dify app',
  'Node-RED': 'a Node-RED flow',
  Make: 'a Make scenario',
  ComfyUI: 'a ComfyUI workflow',
  'Power Automate': 'a Power Automate or Logic Apps flow',
  Zapier: 'a Zap of Zapier',
} as const;
export type ForeignProduct = keyof typeof products;
export const foreignNames = Object.keys(products) as ForeignProduct[];

/** A flow of another product: stored, and never run. */
export interface ForeignFlow {
  readonly product: ForeignProduct;
  readonly name?: string | undefined;
  readonly data: FlowData;
}

/** The flow of another product in a value, recognised by its structure; undefined for anything else. */
export function findForeign(candidate: unknown): ForeignFlow | undefined {
  if (!isPlainObject(candidate)) return undefined;
  const name = textAt(candidate, 'name');
  const inText = parseText(textAt(candidate, 'flowData'));
  if (inText !== undefined) return made('Flowise', name, inText);
  if (textAt(candidate, 'kind') === 'app' && isPlainObject(entryOf(candidate, 'app')))
    return made(
      'Dify',
      textAt(objectAt(candidate, 'app'), 'name'),
      objectAt(objectAt(candidate, 'workflow'), 'graph'),
    );
  const modules = listAt(candidate, 'flow').filter(isPlainObject);
  if (modules.some(isOfMake)) return made('Make', name, { nodes: modules });
  const zap = { nodes: [...Object.values(objectAt(candidate, 'nodes')), ...listAt(candidate, 'steps')] };
  if (zap.nodes.some(isOfZapier)) return made('Zapier', textAt(candidate, 'title') ?? name, zap);
  const properties = objectAt(candidate, 'properties');
  if ([objectAt(properties, 'definition'), objectAt(candidate, 'definition'), candidate].some(isOfLogicApps))
    return made('Power Automate', textAt(properties, 'displayName') ?? name, {});
  for (const prompt of [candidate, objectAt(candidate, 'prompt')]) {
    const nodes = Object.values(prompt);
    if (nodes.length > 0 && nodes.every(isOfComfyPrompt)) return made('ComfyUI', undefined, { nodes });
  }
  const outer = objectAt(candidate, 'data');
  for (const graph of [objectAt(outer, 'data'), outer, objectAt(candidate, 'graph'), candidate]) {
    const product = productOf(graph);
    if (product !== undefined) return made(product, name ?? textAt(candidate, 'label'), graph);
  }
  return undefined;
}

/** The flows in a file that holds several, as other products write them; undefined for any other file. */
export function foreignMembers(file: unknown): unknown[] | undefined {
  const members: readonly unknown[] = Array.isArray(file)
    ? file
    : isPlainObject(file)
      ? listAt(file, 'flows')
      : [];
  const nodes = members.filter(
    (one) => isPlainObject(one) && textAt(one, 'type') !== undefined,
  ) as JsonObject[];
  // Node-RED writes the nodes of all tabs as one list, the tabs among them.
  if (nodes.length === members.length && nodes.some(isOfNodeRed))
    return [{ ...nodes.find((node) => node['type'] === 'tab'), nodes }];
  if (!isPlainObject(file)) return undefined;
  const kinds = ['ChatFlow', 'AgentFlow', 'AgentFlowV2', 'Chatflows', 'MultiAgent'];
  const flowise = kinds.flatMap((kind) => listAt(file, kind));
  if (flowise.length > 0 && flowise.every((one) => findForeign(one)?.product === 'Flowise')) return flowise;
  const zaps = listAt(file, 'zaps');
  if (zaps.length > 0 && zaps.every((one) => findForeign(one)?.product === 'Zapier')) return [...zaps];
  const n8n = listAt(file, 'data');
  return n8n.length > 0 && n8n.every((one) => findForeign(one)?.product === 'n8n') ? [...n8n] : undefined;
}

/** A Dify app as Dify writes it, in YAML, of which nothing more is read; undefined for any other text. */
export function findForeignText(text: string): ForeignFlow | undefined {
  const start = text.slice(0, 100_000);
  const isDify = /^kind: *['"]?app['"]? *\r?$/m.test(start) && /^app: *\r?$/m.test(start);
  if (!isDify) return undefined;
  const section = start.slice(start.search(/^app: *\r?$/m)).split(/\n(?=[^\s#])/)[0] ?? '';
  const name = /^[ \t]+name: *['"]?([^\r\n]{1,200}?)['"]? *\r?$/m.exec(section)?.[1];
  return made('Dify', name, {});
}

/** The only problem that is reported of a flow of another product. */
export function foreignProblem(product: ForeignProduct): Problem {
  return {
    code: ProblemCode.foreign,
    severity: 'blocking',
    message: `This is ${products[product]}, not a Langflow flow.`,
    remedy: `Build it in Langflow and export it from there: what was made for ${product} does not run here.`,
    nodes: [],
  };
}

function productOf(graph: Record<string, unknown>): ForeignProduct | undefined {
  const nodes = listAt(graph, 'nodes').filter(isPlainObject);
  if (nodes.some(isOfN8n)) return 'n8n';
  if (Array.isArray(entryOf(graph, 'nodes')) && isPlainObject(entryOf(graph, 'connections'))) return 'n8n';
  if (nodes.some(isOfFlowise)) return 'Flowise';
  if (nodes.some(isOfDify)) return 'Dify';
  if (nodes.some(isOfMake)) return 'Make';
  if (nodes.some(isOfComfy)) return 'ComfyUI';
  return nodes.some(isOfNodeRed) ? 'Node-RED' : undefined;
}

function isOfN8n(node: Record<string, unknown>): boolean {
  if (isPlainObject(entryOf(node, 'data'))) return false;
  const hasVersion = typeof entryOf(node, 'typeVersion') === 'number';
  return (
    /^(@?n8n|n8n-nodes-)[\w/.-]*\./.test(textAt(node, 'type') ?? '') || (hasVersion && 'parameters' in node)
  );
}

function isOfFlowise(node: Record<string, unknown>): boolean {
  const data = objectAt(node, 'data');
  if ('node' in data) return false;
  return ['inputAnchors', 'inputParams', 'outputAnchors', 'baseClasses'].some((key) =>
    Array.isArray(entryOf(data, key)),
  );
}

function isOfDify(node: Record<string, unknown>): boolean {
  const data = objectAt(node, 'data');
  if ('node' in data || textAt(node, 'type')?.startsWith('custom') !== true) return false;
  return textAt(data, 'type') !== undefined && textAt(data, 'title') !== undefined;
}

function isOfNodeRed(node: Record<string, unknown>): boolean {
  if ('data' in node || textAt(node, 'type') === undefined) return false;
  const isTab = textAt(node, 'type') === 'tab' && textAt(node, 'label') !== undefined;
  return isTab || Array.isArray(entryOf(node, 'wires'));
}

function isOfMake(node: Record<string, unknown>): boolean {
  return /^[\w-]+:\w+$/.test(textAt(node, 'module') ?? '') && typeof entryOf(node, 'id') === 'number';
}

/** A node of a workflow as ComfyUI's editor saves it. */
function isOfComfy(node: Record<string, unknown>): boolean {
  if ('data' in node || textAt(node, 'type') === undefined) return false;
  return typeof entryOf(node, 'order') === 'number' && typeof entryOf(node, 'mode') === 'number';
}

/** A node of a workflow as ComfyUI's API receives it: a map from ids to nodes. */
function isOfComfyPrompt(node: unknown): boolean {
  return (
    isPlainObject(node) && textAt(node, 'class_type') !== undefined && isPlainObject(entryOf(node, 'inputs'))
  );
}

/** The definition of a workflow of Azure Logic Apps, which Power Automate uses too. */
function isOfLogicApps(definition: Record<string, unknown>): boolean {
  return /\/Microsoft\.Logic\//i.test(textAt(definition, '$schema') ?? '');
}

/** A step of a Zap; its export has them as a map from ids, or as a list. */
function isOfZapier(step: unknown): boolean {
  return (
    isPlainObject(step) && textAt(step, 'selected_api') !== undefined && textAt(step, 'action') !== undefined
  );
}

function made(
  product: ForeignProduct,
  name: string | undefined,
  graph: Record<string, unknown>,
): ForeignFlow {
  const objects = (key: string): JsonObject[] => listAt(graph, key).filter(isPlainObject) as JsonObject[];
  return { product, name, data: { nodes: objects('nodes'), edges: objects('edges'), foreign: product } };
}

/** As many as a flow file may have by default: what stands inside a text was not counted with the file. */
const MOST_LEVELS = 200;
const MOST_VALUES = 1_000_000;

function parseText(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined || textDepth(text, MOST_LEVELS) > MOST_LEVELS) return undefined;
  if (textValues(text, MOST_VALUES) > MOST_VALUES) return undefined;
  try {
    const parsed = JSON.parse(text) as Json;
    return isPlainObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
