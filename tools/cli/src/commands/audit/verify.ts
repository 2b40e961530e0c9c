import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  ExportVerifier,
  type PublicKey,
  type SignedCheckpoint,
  type VerifyReport,
  parseExportLine,
  readPublicKey,
} from '@causeway/audit-chain';
import { canonicalJson } from '@causeway/dag';
import type { Api } from '../../api.js';
import { count, type Output } from '../../output.js';
import { linesOfFile } from './lines-of-file.js';

export interface VerifyOptions {
  readonly publicKey?: string;
  /** Folder with checkpoints that were kept outside of the database. */
  readonly checkpoints?: string;
}

interface ListedKey {
  readonly keyId: string;
  readonly publicKey: string;
  readonly isCurrent: boolean;
}

const PEM = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;

/** Checks an export: with the keys of a file it needs no server. The exit code is 1 when something is not as it was signed. */
export async function verifyAudit(
  connect: () => Api,
  file: string,
  { publicKey, checkpoints }: VerifyOptions,
  output: Output,
): Promise<number> {
  const keys = publicKey === undefined ? await askKeys(connect()) : readKeys(publicKey);
  if (publicKey === undefined)
    output.progress(
      'the public keys are those that the server names now; with a copy of your own, --public-key FILE, the server need not be trusted',
    );
  const verifier = new ExportVerifier(keys, checkpoints === undefined ? [] : readCheckpoints(checkpoints));
  for await (const { text } of linesOfFile(file)) verifier.add(text);
  const report = verifier.end();
  output.result({ file, ...report }, () => describe(file, report));
  return report.isProven ? 0 : 1;
}

/** Shows the public keys, one in a line, as a file for `--public-key` has them. */
export async function showAuditKeys(api: Api, output: Output): Promise<number> {
  const items = await listKeys(api);
  output.result(items, () => items.map(({ publicKey }) => publicKey).join('\n'));
  return 0;
}

async function listKeys(api: Api): Promise<readonly ListedKey[]> {
  return (await api.json<{ items: ListedKey[] }>('GET', '/api/platform/v1/audit/keys')).items;
}

async function askKeys(api: Api): Promise<PublicKey[]> {
  return (await listKeys(api)).map(({ publicKey }) => readPublicKey(publicKey));
}

/** Public keys of a file: PEM, or one in a line as `audit keys` shows them. @throws Error */
function readKeys(file: string): PublicKey[] {
  const text = readFileSync(file, 'utf8');
  const parts = text.match(PEM) ?? text.split('\n').filter((line) => line.trim() !== '');
  try {
    if (parts.length === 0) throw new Error('it is empty');
    return parts.map(readPublicKey);
  } catch (error) {
    throw new Error(
      `${file} has no public keys as npx causeway audit keys shows them: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/** The checkpoints in a folder and those below it: what the object store has below `kept/audit`. @throws Error */
function readCheckpoints(folder: string): SignedCheckpoint[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );
  if (names.length === 0)
    throw new Error(
      `${folder} has no checkpoints: name the folder kept/audit of the object store, or a copy of it`,
    );
  return names.map((name) => {
    const signed = JSON.parse(readFileSync(join(folder, name), 'utf8')) as SignedCheckpoint;
    const line = canonicalJson({
      kind: 'checkpoint',
      checkpoint: signed.checkpoint,
      signature: signed.signature,
    });
    if (!parseExportLine(line)) throw new Error(`${join(folder, name)} is not a checkpoint of the audit log`);
    return signed;
  });
}

function describe(file: string, report: VerifyReport): string {
  const { isProven, findings, moreFindings } = report;
  const lines = findings.map(({ line, problem }) => `  line ${line}: ${problem}`);
  if (moreFindings > 0) lines.push(`  and ${moreFindings} more`);
  return [
    `${isProven ? 'proven' : 'NOT PROVEN'}  ${file}`,
    ...lines,
    ...(isProven ? whatIsProven(report) : []),
  ].join('\n');
}

function whatIsProven(report: VerifyReport): string[] {
  const {
    events,
    firstSeq,
    lastSeq,
    isComplete,
    checkpoints,
    withoutCheckpoint,
    beforeChain,
    removed,
    keyIds,
    organisationId,
  } = report;
  const range = firstSeq === undefined ? '' : `, ${firstSeq} to ${lastSeq}`;
  return [
    `  ${count(events, 'event')}${range} of organisation ${organisationId}`,
    isComplete
      ? '  every event that is kept is unchanged and in its place; none was added or is missing'
      : '  each event is unchanged and was in the log at its place, and these are the events that the service has sent; whether more match the filter is not proven',
    `  ${count(checkpoints, 'checkpoint')}, signed with ${keyIds.join(', ')}`,
    ...(withoutCheckpoint > 0
      ? [
          `  ${count(withoutCheckpoint, 'event')} at the end without a checkpoint: only the signed end of the export vouches for them`,
        ]
      : []),
    ...(beforeChain > 0
      ? [`  ${count(beforeChain, 'event')} recorded before the chain began: unchanged since then`]
      : []),
    ...(removed > 0
      ? [`  ${count(removed, 'event')} removed with their month, as the log itself tells`]
      : []),
  ];
}
