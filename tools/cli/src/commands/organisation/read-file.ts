import { readFileSync, statSync } from 'node:fs';
import { OrganisationFile } from '@causeway/contracts';
import { type Document, LineCounter, isMap, isNode, isScalar, parseDocument } from 'yaml';
import { z } from 'zod';
import { nearestName } from '../../nearest-name.js';

/** More than a description of an organisation has; a file of another kind is refused early. */
const MOST_BYTES = 1_048_576;
/** A few lines can stand for millions by aliases that name aliases. */
const MOST_ALIASES = 100;
const SHOWN = 20;

/** Reads the file of an organisation. @throws Error that names each problem with its line */
export function readOrganisationFile(path: string): OrganisationFile {
  const { size } = statSync(path);
  if (size > MOST_BYTES) throw new Error(`${path} has ${size} bytes; at most ${MOST_BYTES} are read`);
  return parseOrganisationFile(readFileSync(path, 'utf8'), path);
}

/** The same for a text. */
export function parseOrganisationFile(text: string, path: string): OrganisationFile {
  const lines = new LineCounter();
  const document = readYaml(text, path, lines);
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) {
    const { line, col } = problem.linePos?.[0] ?? { line: 1, col: 1 };
    throw new Error(
      `${path}:${line}:${col} is not YAML as it is read here: ${problem.message.split('\n')[0]}`,
    );
  }
  const parsed = OrganisationFile.safeParse(valueOf(document, path), { reportInput: true });
  if (parsed.success) return checkUnique(parsed.data, path);
  if (document.contents === null)
    throw new Error(`${path} is empty; the least that a file says is \`version: 1\``);
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue));
  const told = problems.slice(0, SHOWN).map(({ at, text }) => {
    const line = lineOf(document, at, lines);
    return `${path}:${line}  ${at.length === 0 ? 'the file' : at.join('.')}: ${text}`;
  });
  const more = problems.length - told.length;
  throw new Error(
    [`${path} does not describe an organisation`, ...told, ...(more > 0 ? [`and ${more} more`] : [])].join(
      '\n',
    ),
  );
}

/** A problem of a file, and the path of what has it. */
interface Problem {
  readonly at: readonly PropertyKey[];
  readonly text: string;
}

/** What zod found, with the names that were probably meant. */
function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  const { path: at, message } = issue;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      at: [...at, key],
      text: `there is no such member here${meant(key, membersAt(at))}`,
    }));
  if (at.length === 1 && at[0] === 'version')
    return [{ at, text: 'this command reads files of version 1; write `version: 1`' }];
  if (issue.code === 'invalid_value' && typeof issue.input === 'string')
    return [{ at, text: `${message}${meant(issue.input, issue.values.map(String))}` }];
  return [{ at, text: message }];
}

/** ", did you mean …?" if a name is near. */
function meant(wanted: string, names: readonly string[]): string {
  const near = nearestName(wanted, names);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
}

/** The members that a file may have at a path. */
function membersAt(path: readonly PropertyKey[]): string[] {
  let shapes = [z.toJSONSchema(OrganisationFile, { io: 'input', unrepresentable: 'any' }) as Shape];
  const spread = (shape: Shape): Shape[] => [
    shape,
    ...[...(shape.anyOf ?? []), ...(shape.oneOf ?? [])].flatMap(spread),
  ];
  for (const step of path)
    shapes = shapes
      .flatMap(spread)
      .flatMap((shape) => (typeof step === 'number' ? shape.items : shape.properties?.[String(step)]) ?? []);
  return shapes.flatMap(spread).flatMap(({ properties = {} }) => Object.keys(properties));
}

function readYaml(text: string, path: string, lineCounter: LineCounter): Document {
  try {
    // Only what JSON can say too, and no tags: nothing but data comes out of it.
    return parseDocument(text, {
      schema: 'core',
      version: '1.2',
      customTags: [],
      uniqueKeys: true,
      lineCounter,
    });
  } catch (cause) {
    throw new Error(`${path} is not YAML as it is read here: it is nested too deeply`, { cause });
  }
}

function valueOf(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown;
  } catch (cause) {
    throw new Error(`${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** The line of a member's name, of a value in a list, or of the nearest one around it that is there. */
function lineOf(document: Document, path: readonly PropertyKey[], lines: LineCounter): number {
  const around = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  const pair = isMap(around)
    ? around.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))
    : undefined;
  if (isNode(pair?.key) && pair.key.range) return lines.linePos(pair.key.range[0]).line;
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/** @throws Error when two entries mean the same thing */
function checkUnique(file: OrganisationFile, path: string): OrganisationFile {
  const lists: readonly (readonly [section: string, names: readonly string[]])[] = [
    ['teams', file.teams ?? []],
    ['roles', (file.roles ?? []).map(({ name }) => name)],
    ['connections', (file.connections ?? []).map(({ name }) => name)],
    ['groups', (file.groups ?? []).map(({ name }) => name)],
    ['users', (file.users ?? []).map(({ user }) => user.toLowerCase())],
    ['accounts', (file.accounts ?? []).map(({ name, team }) => `${name} of team ${team}`)],
  ];
  for (const [section, names] of lists) {
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) throw new Error(`${path} names ${twice} twice in ${section}`);
  }
  return file;
}
