import type { Catalogue } from '../catalogue.js';
import type { DraftNode } from './draft-node.js';
import { toolOutputName } from './draft-node.js';
import { isPlainObject } from '../json.js';
import type { PlanField, PlanNode } from '../plan.js';
import { type Problem, ProblemCode } from '../problem.js';
import { ProblemList } from '../problem-list.js';
import { objectAt, textAt } from '../safe-record.js';
import { indexSpec } from './spec-index.js';
import { isMissing } from './missing-fields.js';

/**
 * Problems that keep a node's component from running as its author drew it.
 *
 * A file's fields and outputs are compared with the catalogue's so that unedited exports of any version pass: versions
 * add and drop settings, and a file does not record which value was the default. So an unknown field or output blocks
 * only when an edge uses it, since then data would be lost. An unknown field that is shown and filled gives a warning:
 * the setting has no effect here. Code that a user changed is detected by `edited`.
 */
export function checkComponent(
  draft: DraftNode,
  node: PlanNode,
  wiredFields: ReadonlySet<string>,
  wiredOutputs: ReadonlySet<string>,
  catalogue: Catalogue,
): Problem[] {
  const refused = cannotRun(draft);
  if (refused !== undefined) return [refused];
  const problems = new ProblemList();
  problems.addAll(differences(draft, wiredFields, wiredOutputs));
  if (draft.content['frozen'] === true) {
    problems.add(
      of(
        draft,
        ProblemCode.frozenIgnored,
        'warning',
        'is frozen in Langflow; here it runs each time.',
        'Unfreeze it to remove this warning.',
      ),
    );
  }
  for (const { field, problem, severity } of catalogue.check?.(node, wiredFields) ?? []) {
    const { displayName } = node.fields[field] ?? { displayName: field };
    problems.add({
      ...of(
        draft,
        ProblemCode.fieldInvalid,
        severity,
        `cannot use its field "${displayName}": ${problem}`,
        `Change it in Langflow and send the flow again, or give each run the tweak {"${draft.id}": {"${field}": …}}.`,
      ),
      field,
    });
  }
  for (const name of Object.keys(node.fields)) {
    const field = node.fields[name] as PlanField;
    if (!field.required || wiredFields.has(name) || !isMissing(node, name, field)) continue;
    problems.add({
      ...of(
        draft,
        ProblemCode.fieldMissing,
        'warning',
        `needs a value in its field "${field.displayName}".`,
        `Fill it in Langflow, or give each run the tweak {"${draft.id}": {"${name}": …}}.`,
      ),
      field: name,
    });
  }
  return problems.toArray();
}

const SUBSTITUTES =
  'components of the catalogue, which GET /api/v1/all lists; if none of them does the work, run it as a service of your own and call that with an API Request.';

function cannotRun(draft: DraftNode): Problem | undefined {
  if (draft.type === 'CustomComponent' || isOwn(draft)) {
    return of(
      draft,
      ProblemCode.componentCustom,
      'blocking',
      'is a custom component; code that comes inside a flow is not run.',
      `Replace it with ${SUBSTITUTES}`,
    );
  }
  if (draft.content['edited'] === true) {
    return of(
      draft,
      ProblemCode.componentEdited,
      'blocking',
      'has edited code; code that comes inside a flow is not run.',
      draft.spec === undefined
        ? `The catalogue does not have the unedited "${draft.type}" either: replace it with ${SUBSTITUTES}`
        : 'Replace it with the unedited component, or with others of the catalogue, which GET /api/v1/all lists.',
    );
  }
  if (draft.spec !== undefined) return undefined;
  return of(
    draft,
    ProblemCode.componentUnknown,
    'blocking',
    `is of type "${draft.type}", which the catalogue does not have.`,
    `Replace it with ${SUBSTITUTES}`,
  );
}

/** A component that the flow's author wrote: Langflow never had the type, and the file has code of its own for it. */
function isOwn({ isOfLangflow, content, template }: DraftNode): boolean {
  if (isOfLangflow) return false;
  if (content['edited'] === true) return true;
  const module = textAt(objectAt(content, 'metadata'), 'module') ?? '';
  // Files of older versions have no module.
  if (module === '') return (textAt(objectAt(template, 'code'), 'value') ?? '').trim() !== '';
  return !/^(lfx|langflow|_lfx_ext)\./.test(module);
}

function* differences(
  draft: DraftNode,
  wiredFields: ReadonlySet<string>,
  wiredOutputs: ReadonlySet<string>,
): Generator<Problem> {
  const spec = draft.spec;
  if (spec === undefined) return;
  const { fields, ignored, outputs } = indexSpec(spec);
  for (const name of spec.openFields === true ? [] : Object.keys(draft.template)) {
    const field = draft.template[name];
    if (fields.has(name) || ignored.has(name) || !isPlainObject(field)) continue;
    if (wiredFields.has(name)) yield differs(draft, 'blocking', `has a connected field "${name}"`, name);
    else if (isFilled(name, field)) yield differs(draft, 'warning', `has a filled field "${name}"`, name);
  }
  for (const output of draft.outputs) {
    if (output.name === toolOutputName || outputs.has(output.name) || !wiredOutputs.has(output.name))
      continue;
    yield differs(draft, 'blocking', `has a connected output "${output.name}"`);
  }
  if (spec.partialOutputs !== false || !draft.listsOutputs || draft.toolMode) return;
  const listed = new Set(draft.outputs.map((output) => output.name));
  for (const name of outputs.keys()) {
    if (!listed.has(name)) yield differs(draft, 'blocking', `lacks the output "${name}"`);
  }
}

/** A setting that the editor shows and that holds something. */
function isFilled(name: string, field: Record<string, unknown>): boolean {
  // A name that begins with an underscore is a note that the editor makes for itself.
  if (name === 'code' || name.startsWith('_') || textAt(field, 'type') === 'code') return false;
  if (field['show'] === false || field['advanced'] === true) return false;
  const value = field['value'];
  if (value === undefined || value === null || value === '' || value === false || value === 0) return false;
  return !(typeof value === 'object' && Object.keys(value).length === 0);
}

function differs(draft: DraftNode, severity: 'blocking' | 'warning', what: string, field?: string): Problem {
  const problem = of(
    draft,
    ProblemCode.componentDiffers,
    severity,
    `${what} that the component "${draft.type}" does not have here${severity === 'warning' ? '; it has no effect' : ''}.`,
    'Update the component in Langflow and export the flow again.',
  );
  return field === undefined ? problem : { ...problem, field };
}

function of(
  draft: DraftNode,
  code: ProblemCode,
  severity: 'blocking' | 'warning',
  what: string,
  remedy: string,
): Problem {
  const message = `"${draft.displayName}" (${draft.id}) ${what}`;
  return { code, severity, message, remedy, nodes: [draft.id], nodeType: draft.type };
}
