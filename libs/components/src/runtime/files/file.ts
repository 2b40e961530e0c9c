import type { Json, JsonObject } from '@causeway/dag';
import { isCausewayError, isPlainObject } from '@causeway/dag';
import { CoerceError } from '../../coerce/coerce-error.js';
import { toText } from '../../coerce/to-text.js';
import { dataOf, messageOf, tableOf } from '../../coerce/value.js';
import type { MessageValue, Value } from '../../specs/values.js';
import { askedOutputs } from '../asked-outputs.js';
import type { ComponentContext, ComponentRuntime } from '../component.js';
import { fieldInvalid, nodeFailed } from '../node-failed.js';
import { readAs, readFlag, readInput, readSeparator, readText } from '../read-field.js';
import { filePaths, pathsOf } from './file-paths.js';
import { parseFile, rowsOfValue } from './parse-file.js';
import { endingOf, readTextFile } from './read-text-file.js';
import { storageOf } from './storage-of.js';

/** Most files of one node. */
export const maxFiles = 100;

interface LoadedFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  readonly text: string;
}

/** Reads uploaded files and gives the requested outputs: text, rows, paths, structured content. */
export const file: ComponentRuntime = {
  type: 'File',
  async run(context) {
    refuseOtherReaders(context);
    const files = await loadFiles(context);
    const rows = files.map(({ path, text }): JsonObject => ({ file_path: path, text }));
    return {
      outputs: askedOutputs<Value>(context, {
        message: () => wholeText(context, files),
        path: () => messageOf(files.map(({ path }) => path).join('\n')),
        dataframe: () =>
          tableOf(isStructured(context, files) ? structuredRows(context, files[0] as LoadedFile) : rows),
        json: () => dataOf(structuredData(context, files[0])),
        data: () => ({ kind: 'plain', value: rows.map(dataOf) }),
      }),
    };
  },
};

function wholeText(context: ComponentContext, files: readonly LoadedFile[]): MessageValue {
  const first = files[0];
  return messageOf(
    files.map(({ text }) => text).join(readSeparator(context, 'separator') || '\n\n'),
    first === undefined ? {} : { data: { filename: first.name, file_size: first.bytes } },
  );
}

/** One file with columns gives its rows, unless the export asks for a row per file by `load_files`. */
function isStructured(context: ComponentContext, files: readonly LoadedFile[]): boolean {
  const method = context.node.outputs.find(({ name }) => name === 'dataframe')?.method;
  return files.length === 1 && (method === 'load_files_structured' || method === undefined);
}

function structuredRows(context: ComponentContext, { name, path, text }: LoadedFile): readonly JsonObject[] {
  const value = parsed(context, name, text);
  return value === undefined ? [{ file_path: path, text }] : rowsOfValue(value);
}

function structuredData(context: ComponentContext, loaded: LoadedFile | undefined): JsonObject {
  if (loaded === undefined) return {};
  const value = parsed(context, loaded.name, loaded.text);
  if (value === undefined) return { value: loaded.text };
  if (isPlainObject(value)) return value as JsonObject;
  return Array.isArray(value) ? { records: value } : { value };
}

function parsed(context: ComponentContext, name: string, text: string): Json | undefined {
  return readAs(context, 'path', () => parseFile(name, text));
}

async function loadFiles(context: ComponentContext): Promise<readonly LoadedFile[]> {
  const paths = givenPaths(context);
  if (paths.length > maxFiles)
    throw fieldInvalid(context, `${paths.length} files are given; the limit is ${maxFiles}.`);
  const files: LoadedFile[] = [];
  for (const path of paths) {
    context.signal.throwIfAborted();
    const loaded = await loadFile(context, path);
    if (loaded !== undefined) files.push(loaded);
  }
  if (files.length === 0) throw nodeFailed(context, 'no file could be read; give an uploaded file in Files.');
  return files;
}

async function loadFile(context: ComponentContext, path: string): Promise<LoadedFile | undefined> {
  try {
    const { bytes, name } = await context.files.read(path);
    const text = readTextFile(name, bytes, readText(context, 'text_encoding'));
    if (endingOf(name) === 'json') parseFile(name, text);
    return { path, name, bytes: bytes.byteLength, text };
  } catch (error) {
    if (readFlag(context, 'silent_errors') && (error instanceof CoerceError || isCausewayError(error))) {
      context.log({ path }, 'file skipped');
      return undefined;
    }
    if (error instanceof CoerceError) throw nodeFailed(context, `${error.message}.`, { cause: error });
    throw error;
  }
}

/**
 * A connected value is used before uploads, and uploads before a path in a text field (which a model may have chosen).
 */
function givenPaths(context: ComponentContext): readonly string[] {
  const connected = pathsOf(readInput(context, 'file_path'));
  const missing = connected.includes(undefined) && !readFlag(context, 'ignore_unspecified_files');
  if (missing) throw nodeFailed(context, 'a Data without file_path is connected to Server File Path.');
  const paths = connected.filter((path) => path !== undefined);
  if (paths.length > 0) return paths;
  const uploaded = filePaths(context, 'path');
  if (uploaded.length > 0) return uploaded;
  const named = readAs(context, 'file_path_str', toText);
  return named === '' ? [] : [named];
}

function refuseOtherReaders(context: ComponentContext): void {
  if (readFlag(context, 'advanced_mode')) {
    throw fieldInvalid(context, 'the Advanced Parser is on, which is not available here; turn it off.');
  }
  const name = storageOf(readInput(context, 'storage_location'));
  if (name !== undefined) {
    throw nodeFailed(
      context,
      `its files are stored in ${name}, which is not supported here; choose Local and upload them.`,
    );
  }
}
