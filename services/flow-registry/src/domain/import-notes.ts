import type { FlowProblem, FlowSettings } from '@causeway/contracts';
import { type FlowDocument, ProblemCode, joinShort, maskKeys, shortMasked } from '@causeway/dag';
import { ENDPOINT_LENGTH, endpointNameOf } from './unique-name.js';

const MOST_CHARACTERS = 200;

/** The names by which people and programs call a flow. */
export type FlowNames = Pick<FlowSettings, 'name' | 'endpointName'>;

/**
 * Notes on each setting of the file that the import had to change, and on the names that it took from an existing flow, so that the
 * caller sees every change.
 *
 * @param former  the names of the flow before the import, if it existed
 */
export function changedByImport(
  document: Omit<FlowDocument, 'data'>,
  is: FlowSettings,
  former: FlowNames | undefined,
): FlowProblem[] {
  const notes = former ? replacedNames(former, is) : [];
  const { name, endpointName, unread = [] } = document;
  if (is.name !== name) {
    const why = is.name.startsWith(`${name} (`) ? 'is taken in its project' : 'cannot be kept as it is';
    notes.push(
      note(
        ProblemCode.nameChanged,
        `The name ${quoted(name)} ${why}; the flow is called ${quoted(is.name)}.`,
        RENAME,
      ),
    );
  }
  if (endpointName !== undefined && endpointName !== '' && is.endpointName !== endpointName)
    notes.push(endpointNote(endpointName, is.endpointName));
  const cuts: string[] = texts
    .filter(([, setting]) => document[setting] !== undefined && document[setting] !== is[setting])
    .map(([member]) => member);
  if (document.tags?.some((tag, at) => tag !== is.tags?.[at])) cuts.push('tags');
  if (cuts.length > 0)
    notes.push(
      note(
        ProblemCode.settingChanged,
        `What the file gives as ${cuts.join(', ')} is too long, or holds a character that cannot be kept: it was cut.`,
        'Shorten it in Langflow; the imported file itself is kept as it came.',
      ),
    );
  if (unread.length > 0)
    notes.push(
      note(
        ProblemCode.settingChanged,
        `The file holds something else than it should in ${joinShort(unread, ', ')}: it was left out.`,
        'Export the flow from Langflow again and send the file unchanged.',
      ),
    );
  return notes;
}

/**
 * The note on two flows with the same id in one upload.
 *
 * @param here   the file of this flow, and its name
 * @param other  the same for the other flow
 */
export function sharedId(id: string, here: string, other: string, own: string | undefined): FlowProblem {
  const kept =
    own === undefined
      ? 'its settings and drawing are the same, so there is one flow'
      : `it has the id ${own} here`;
  return note(
    ProblemCode.idShared,
    `${quoted(here)} holds the flow ${id}, which ${quoted(other)} holds too; ${kept}.`,
    'They are two exports of one flow: look which of them you mean, and delete the other.',
  );
}

function replacedNames(former: FlowNames, is: FlowNames): FlowProblem[] {
  const notes: FlowProblem[] = [];
  if (former.name !== is.name)
    notes.push(
      note(
        ProblemCode.nameChanged,
        `The import changed the name of the flow from ${quoted(former.name)} to ${quoted(is.name)}.`,
        RENAME,
      ),
    );
  if (former.endpointName !== null && former.endpointName !== is.endpointName)
    notes.push(
      note(
        ProblemCode.endpointChanged,
        `The import changed the endpoint name of the flow from ${quoted(former.endpointName)} to ${quoted(is.endpointName ?? '')}: calls of /api/v1/run/${former.endpointName} no longer find it.`,
        'Change those calls, or give the flow its former endpoint name again.',
      ),
    );
  return notes;
}

const RENAME = 'Rename it here, or in the file.';

const texts = [
  ['description', 'description'],
  ['icon', 'icon'],
  ['icon_bg_color', 'iconBgColor'],
  ['gradient', 'gradient'],
  ['action_name', 'actionName'],
  ['action_description', 'actionDescription'],
] as const;

function endpointNote(given: string, is: string | null): FlowProblem {
  const usable = endpointNameOf(given);
  const what =
    usable !== given
      ? `${quoted(given)} cannot be an endpoint name: it may have letters of the English alphabet, digits, - and _, and at most ${ENDPOINT_LENGTH} characters`
      : `The endpoint name ${quoted(given)} belongs to another flow, which goes on answering under it`;
  const taken =
    usable !== given && usable !== null && is !== usable ? `; ${quoted(usable)} belongs to another flow` : '';
  const now = is === null ? 'the flow has no endpoint name' : `the flow answers as ${quoted(is)}`;
  const remedy =
    is === null
      ? 'Call it by its id, or give it another endpoint name.'
      : `Call it as /api/v1/run/${is}, or give it another endpoint name.`;
  return note(ProblemCode.endpointChanged, `${what}${taken}; ${now}.`, remedy);
}

function note(code: string, message: string, remedy: string): FlowProblem {
  return { code, severity: 'warning', message: maskKeys(message), remedy, nodes: [] };
}

function quoted(text: string): string {
  return JSON.stringify(shortMasked(text, MOST_CHARACTERS));
}
