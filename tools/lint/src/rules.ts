import { dirname, join } from 'node:path/posix';
import {
  callsOutside,
  comparesSecrets,
  importsOf,
  impureRooms,
  interpreters,
  mayImportLangChain,
  mayNotImportRooms,
  mayReadEnvironment,
  operationRooms,
  serviceRooms,
  testOnly,
  testOnlyExceptions,
} from './layers.js';
import type { SourceFile } from './source-file.js';

/** One place that breaks a rule. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** A rule checks one file. Rules that need all files are `findCycles`, `checkFolders` and those in `packages.ts`. */
export type Rule = (file: SourceFile) => Finding[];

/** Every rule about one file, in the order in which findings are printed. */
export const rules: readonly Rule[] = [
  checkLayers,
  checkRelative,
  checkPurity,
  checkEnvironment,
  checkDoors,
  checkRooms,
  checkArrows,
  checkComparing,
  checkOutbound,
  checkInterpreters,
];

function checkLayers(file: SourceFile): Finding[] {
  const allowed = importsOf(file.project);
  return file.imports.flatMap(({ specifier, line }) => {
    if (
      specifier.startsWith('@langchain/') &&
      !mayImportLangChain.some((place) => file.path.startsWith(place))
    )
      return [
        {
          path: file.path,
          line,
          message: `${specifier}: LangChain may be imported only in libs/components/src/runtime`,
        },
      ];
    if (!specifier.startsWith('@causeway/')) return [];
    if (!allowed?.includes(specifier))
      return [
        {
          path: file.path,
          line,
          message: `${file.project} may not import ${specifier} (tools/lint/src/layers.ts)`,
        },
      ];
    const forTests = testOnly.includes(specifier) && !testOnlyExceptions.includes(file.project);
    if (forTests && !file.isTest)
      return [{ path: file.path, line, message: `only tests may import ${specifier}` }];
    return [];
  });
}

function checkRelative(file: SourceFile): Finding[] {
  return file.imports.flatMap(({ specifier, line }) => {
    if (!specifier.startsWith('.')) return [];
    const target = join(dirname(file.path), specifier);
    if (!target.startsWith(`${file.project}/`))
      return [{ path: file.path, line, message: `${specifier} leaves the package; import it by its name` }];
    if (!/\.(js|json)$/.test(specifier))
      return [{ path: file.path, line, message: `${specifier} lacks the ending .js` }];
    return [];
  });
}

const impure =
  /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandomUUID\(|\bperformance\.now\(|\bsetTimeout\(/;

function checkPurity(file: SourceFile): Finding[] {
  const inDomain = file.path.includes('/src/domain/');
  const inDag = file.project === 'libs/dag' && file.path !== 'libs/dag/src/simulator/main.ts';
  if (file.isTest || !(inDomain || inDag)) return [];
  const findings = file.imports
    .filter(({ specifier, typeOnly }) => {
      if (
        specifier.startsWith('.')
          ? inDomain && impureRooms.some((room) => specifier.includes(`/${room}/`))
          : false
      )
        return !typeOnly;
      if (specifier.startsWith('.')) return false;
      if (inDag) return specifier !== 'zod';
      return (
        ![
          'zod',
          'node:crypto',
          '@causeway/dag',
          '@causeway/audit-chain',
          '@causeway/contracts',
          '@causeway/components/specs',
        ].includes(specifier) && !typeOnly
      );
    })
    .map(({ specifier, line }) => ({
      path: file.path,
      line,
      message: `${specifier}: this folder is pure; pass in what it needs`,
    }));
  const clock = file.text.split('\n').findIndex((line) => impure.test(line));
  if (clock >= 0)
    findings.push({
      path: file.path,
      line: clock + 1,
      message: 'a clock or random value in a pure folder; pass time and ids in as arguments',
    });
  return findings;
}

function checkEnvironment(file: SourceFile): Finding[] {
  if (file.isTest || mayReadEnvironment.some((place) => file.path.startsWith(place))) return [];
  const line = file.text.split('\n').findIndex((text) => /\bprocess\.env\b/.test(text));
  return line < 0
    ? []
    : [
        {
          path: file.path,
          line: line + 1,
          message: 'process.env is read by settings only; declare it in config.ts',
        },
      ];
}

function checkDoors(file: SourceFile): Finding[] {
  const findings: Finding[] = [];
  file.text.split('\n').forEach((text, index) => {
    if (text.startsWith('export * from'))
      findings.push({ path: file.path, line: index + 1, message: 'list the names: no export *' });
    if (/^export default\b/.test(text) && !/(config|global-setup)\.(m?ts|mjs)$/.test(file.path))
      findings.push({ path: file.path, line: index + 1, message: 'named exports only' });
  });
  if (/\/(utils?|helpers?|common|types)\.ts$/.test(file.path))
    findings.push({
      path: file.path,
      line: 1,
      message: 'this name does not say what the file contains: name the file after its content',
    });
  return findings;
}

function checkRooms(file: SourceFile): Finding[] {
  const room = /^services\/(?!console)[^/]+\/src\/([^/]+)\//.exec(file.path)?.[1];
  const rooms = [...serviceRooms, ...(operationRooms[file.project] ?? [])];
  if (room === undefined || rooms.includes(room)) return [];
  return [
    {
      path: file.path,
      line: 1,
      message: `${file.project} has the folders ${rooms.join(', ')}; ${room} is not one of them`,
    },
  ];
}

/** Within a service imports go from the code that receives requests to the inner folders. */
function checkArrows(file: SourceFile): Finding[] {
  const [, room = ''] = /^services\/[^/]+\/src\/([^/]+)\//.exec(file.path) ?? [];
  const forbidden = mayNotImportRooms[room];
  if (!forbidden || file.isTest) return [];
  return file.imports.flatMap(({ specifier, line }) => {
    if (!specifier.startsWith('.')) return [];
    const target = join(dirname(file.path), specifier).slice(`${file.project}/src/`.length);
    const [to = ''] = target.split('/');
    if (!forbidden.includes(to)) return [];
    return [{ path: file.path, line, message: `${room} may not import ${to}: pass in what it needs` }];
  });
}

/** Secrets are compared by one function: a comparison that is written anew forgets that the lengths may differ, or ends at the first wrong byte. */
function checkComparing(file: SourceFile): Finding[] {
  if (file.isTest || file.project === 'tools/lint' || file.path === comparesSecrets) return [];
  const line = file.text.split('\n').findIndex((text) => /\btimingSafeEqual\b/.test(text));
  if (line < 0) return [];
  return [
    { path: file.path, line: line + 1, message: 'compare secrets with isSameSecret of @causeway/contracts' },
  ];
}

const CALLS_OUT =
  /(?<!async )(?<![.#\w])fetch\(|\bhttps?\.(?:request|get)\(|import \{[^}]*\b(?:request|get)\b[^}]*\} from 'node:https?'/;
const HTTP_CLIENTS = /^(undici|axios|got|ky|node-fetch|node:http2)$/;

/** Flows choose addresses, so what calls them goes through the guard that checks these; every other way out is named in `layers.ts`. */
function checkOutbound(file: SourceFile): Finding[] {
  if (!isProduct(file) || callsOutside.some((place) => file.path.startsWith(place))) return [];
  const message =
    'calls to the outside go through GuardedHttp; other ways out are listed in tools/lint/src/layers.ts';
  const clients = file.imports.filter(({ specifier, typeOnly }) => !typeOnly && HTTP_CLIENTS.test(specifier));
  const line = file.text.split('\n').findIndex((text) => CALLS_OUT.test(text));
  return [...clients.map((one) => one.line), ...(line < 0 ? [] : [line + 1])].map((at) => ({
    path: file.path,
    line: at,
    message,
  }));
}

/** Nothing that arrives is a program: no text becomes code, and no library that would do that is used. */
function checkInterpreters(file: SourceFile): Finding[] {
  if (!isProduct(file)) return [];
  const message = 'text never becomes code here';
  const used = file.imports.filter(({ specifier }) => interpreters.includes(specifier));
  const line = file.text.split('\n').findIndex((text) => /\bnew Function\(|(?<![.\w])eval\(/.test(text));
  return [...used.map((one) => one.line), ...(line < 0 ? [] : [line + 1])].map((at) => ({
    path: file.path,
    line: at,
    message,
  }));
}

function isProduct({ path, project, isTest }: SourceFile): boolean {
  const isForTests = project === 'libs/testing' || path.startsWith('libs/platform/src/testing/');
  return /^(services|libs)\//.test(path) && !isTest && !isForTests && !/\/test-[\w-]+\.ts$/.test(path);
}
