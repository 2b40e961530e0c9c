import { FlowSettings } from '@causeway/contracts';
import type { FlowDocument } from '@causeway/dag';
import { cleanText } from './clean-text.js';
import { NAME_LENGTH, endpointNameOf } from './unique-name.js';

/** Settings of a flow without its project. */
export type Settings = Omit<FlowSettings, 'projectId'>;

/** Default settings of a flow. */
export const defaultSettings: Omit<Settings, 'name'> = {
  description: null,
  icon: null,
  iconBgColor: null,
  gradient: null,
  endpointName: null,
  isComponent: false,
  webhook: false,
  tags: [],
  locked: false,
  mcpEnabled: false,
  actionName: null,
  actionDescription: null,
  accessType: 'PRIVATE',
};

const LONG = 10_000;
const SHORT = 500;
const COLOUR = 100;

/**
 * The settings of a flow from its file, cut to their limits. Those that the file does not have are absent, so that an import keeps the
 * flow's own: such as an endpoint name that was given here. A file has no setting for access.
 */
export function settingsOfDocument(
  document: Omit<FlowDocument, 'data'>,
): Partial<Settings> & Pick<Settings, 'name'> {
  const text = (value: string | undefined, length: number): string | undefined =>
    value === undefined ? undefined : cleanText(value, length);
  const settings = {
    description: text(document.description, LONG),
    icon: text(document.icon, SHORT),
    iconBgColor: text(document.iconBgColor, COLOUR),
    gradient: text(document.gradient, COLOUR),
    endpointName: endpointNameOf(document.endpointName ?? '') ?? undefined,
    isComponent: document.isComponent,
    webhook: document.webhook,
    tags: document.tags?.map((tag) => cleanText(tag, SHORT)),
    locked: document.locked,
    mcpEnabled: document.mcpEnabled,
    actionName: text(document.actionName, SHORT),
    actionDescription: text(document.actionDescription, LONG),
  };
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(given),
    name: cleanText(document.name, NAME_LENGTH) || 'Untitled flow',
  };
}

/** A caller's settings, changed so that Postgres accepts their texts. */
export function cleanSettings<S extends Partial<FlowSettings>>(settings: S): S {
  const clean = (value: unknown): unknown =>
    typeof value === 'string' ? cleanText(value, LONG) : Array.isArray(value) ? value.map(clean) : value;
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, clean(value)])) as S;
}

/** Those settings of `wanted` that differ from `is`; the empty object when none does. */
export function changedSettings(is: FlowSettings, wanted: Partial<FlowSettings>): Partial<FlowSettings> {
  const changed = Object.entries(wanted).filter(
    ([name, value]) => value !== undefined && !same(is[name as keyof FlowSettings], value),
  );
  return Object.fromEntries(changed) as Partial<FlowSettings>;
}

/** Settings that an export does not contain: after a change of them the imported file still describes the flow. */
const untold: ReadonlySet<string> = new Set(['projectId', 'accessType']);

/** True when an imported file no longer describes the flow. */
export function outdatesSource(changed: Partial<FlowSettings>): boolean {
  return Object.keys(changed).some((name) => !untold.has(name));
}

function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  // No tags and an empty list of them are the same.
  const list = (value: unknown): string => JSON.stringify(value ?? []);
  return (Array.isArray(one) || Array.isArray(other)) && list(one) === list(other);
}
