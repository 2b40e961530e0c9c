import { canonicalJson, isPlainObject } from '@causeway/dag';
import type { ExportLine } from './export-line.js';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isHash: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isNumber: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isFlag: Check = (value) => typeof value === 'boolean';
const isHashes: Check = (value) => Array.isArray(value) && value.length <= 64 && value.every(isHash);
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const isTexts: Check = (value) => isPlainObject(value) && Object.values(value).every(isText);
const shaped =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isPlainObject(value) && Object.entries(shape).every(([name, check]) => check(value[name]));

const checkpoint = shaped({
  format: (value) => value === 1,
  organisationId: isText,
  number: isNumber,
  from: isNumber,
  to: isNumber,
  hash: isHash,
  root: isHash,
  previous: (value) => value === null || isHash(value),
  at: isText,
  keyId: isText,
});
const statement = shaped({
  organisationId: isText,
  count: isNumber,
  lastSeq: isNumber,
  lastCheckpoint: (value) => value === null || isNumber(value),
  digest: isHash,
  at: isText,
  keyId: isText,
});

const shapes: Readonly<Record<ExportLine['kind'], Check>> = {
  export: shaped({
    format: (value) => value === 1,
    organisationId: isText,
    filter: isTexts,
    isComplete: isFlag,
    from: isNumber,
    upTo: isNumber,
    at: isText,
  }),
  checkpoint: shaped({ checkpoint, signature: isText }),
  event: shaped({
    seq: isNumber,
    previous: isHash,
    hash: isHash,
    event: isPlainObject,
    proof: maybe(isHashes),
  }),
  removed: shaped({ seq: isNumber, hash: isHash }),
  cursor: shaped({ after: isText }),
  end: shaped({ statement, signature: isText }),
};

/**
 * A line of an export. Only the one text that an export writes for a value is accepted, so no byte of a line can be changed unseen.
 *
 * @returns undefined for any other text
 */
export function parseExportLine(text: string): ExportLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isPlainObject(value) || typeof value['kind'] !== 'string') return undefined;
  const check = Object.hasOwn(shapes, value['kind'])
    ? shapes[value['kind'] as ExportLine['kind']]
    : undefined;
  // Checked by its shape above.
  return check?.(value) && canonicalJson(value) === text ? (value as unknown as ExportLine) : undefined;
}
