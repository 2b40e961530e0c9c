import { isPlainObject } from '../json.js';
import { entryOf, objectAt, textAt, textsAt } from '../safe-record.js';

/** Where an edge begins, in one form for all spellings that files have. */
export interface SourceHandle {
  /** Absent in files from before 1.0. */
  readonly output?: string;
  readonly types: readonly string[];
  readonly legacy: boolean;
}

/** Where an edge ends. */
export interface TargetHandle {
  readonly field: string;
  readonly types: readonly string[];
  /** The field's own type; an output of that type fits as well. */
  readonly type?: string;
  /** The edge ends at an output: it feeds a loop's result back. */
  readonly feedback: boolean;
}

/** Both ends of an edge; undefined when one cannot be read. */
export interface EdgeHandles {
  readonly source: SourceHandle | undefined;
  readonly target: TargetHandle | undefined;
}

/** Reads an edge's handles from `data`, else from the strings beside it (`œ` instead of `"`), else from `a|b|c`. */
export function readHandles(edge: Readonly<Record<string, unknown>>): EdgeHandles {
  return {
    source: readSource(rawHandle(edge, 'sourceHandle')),
    target: readTarget(rawHandle(edge, 'targetHandle')),
  };
}

/** A handle as an object if the file has one in any spelling, else as its string. */
export function rawHandle(
  edge: Readonly<Record<string, unknown>>,
  key: 'sourceHandle' | 'targetHandle',
): Record<string, unknown> | string | undefined {
  const given = entryOf(objectAt(edge, 'data'), key) ?? entryOf(edge, key);
  if (isPlainObject(given)) return given;
  if (typeof given !== 'string') return undefined;
  if (!given.trimStart().startsWith('{')) return given;
  try {
    const decoded: unknown = JSON.parse(given.replaceAll('œ', '"'));
    return isPlainObject(decoded) ? decoded : undefined;
  } catch {
    // Not a handle in any spelling; the caller reports the edge.
    return undefined;
  }
}

function readSource(handle: Record<string, unknown> | string | undefined): SourceHandle | undefined {
  if (handle === undefined) return undefined;
  // dataType|id|class|class…
  if (typeof handle === 'string') return { types: handle.split('|').slice(2), legacy: true };
  const output = textAt(handle, 'name');
  const types = textsAt(handle, 'output_types') ?? textsAt(handle, 'baseClasses') ?? [];
  return { ...(output !== undefined && { output }), types, legacy: output === undefined };
}

function readTarget(handle: Record<string, unknown> | string | undefined): TargetHandle | undefined {
  if (handle === undefined) return undefined;
  if (typeof handle === 'string') {
    // type;type|field|id
    const [types, field] = handle.split('|');
    return types === undefined || field === undefined
      ? undefined
      : { field, types: types.split(';'), feedback: false };
  }
  const field = textAt(handle, 'fieldName');
  const type = textAt(handle, 'type');
  if (field !== undefined) {
    return {
      field,
      types: textsAt(handle, 'inputTypes') ?? [],
      ...(type !== undefined && { type }),
      feedback: false,
    };
  }
  const output = textAt(handle, 'name');
  if (output === undefined) return undefined;
  return { field: output, types: textsAt(handle, 'output_types') ?? [], feedback: true };
}
