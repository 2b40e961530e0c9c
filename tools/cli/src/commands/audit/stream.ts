import type { AuditStream } from '@causeway/contracts';
import type { Api } from '../../api.js';
import type { Output } from '../../output.js';

export interface StreamOptions {
  readonly fromBeginning?: boolean;
  readonly stop?: boolean;
}

const PATH = '/api/platform/v1/audit/stream';

/** Shows where the organisation's events are sent, sets it, or ends it. */
export async function streamAudit(
  api: Api,
  url: string | undefined,
  { fromBeginning = false, stop = false }: StreamOptions,
  output: Output,
): Promise<number> {
  if (stop) {
    if (url !== undefined) throw new Error('give either an address or --stop');
    await api.json('DELETE', PATH);
    output.result({ stream: null }, () => 'the audit log is not sent anywhere any more');
    return 0;
  }
  if (url !== undefined) {
    const body = { url, from: fromBeginning ? 'beginning' : 'now' };
    const made = await api.json<AuditStream & { secret: string }>('PUT', PATH, body);
    output.result(made, () => made.secret);
    output.progress(
      'the secret with which the messages are signed is shown only this once: give it to the receiver',
    );
    return 0;
  }
  const { stream } = await api.json<{ stream: AuditStream | null }>('GET', PATH);
  output.result({ stream }, () =>
    stream
      ? describe(stream)
      : 'the audit log is not sent anywhere; set a receiver with: npx causeway audit stream URL',
  );
  return 0;
}

function describe({ url, sentSeq, lastSeq, failures, lastError, pausedAt }: AuditStream): string {
  const waiting = lastSeq - sentSeq;
  const state = pausedAt === null ? '' : `\n  paused since ${pausedAt}: set it again once the receiver works`;
  const problem = lastError === null ? '' : `\n  ${failures} tries failed, the last one because ${lastError}`;
  return `${url}\n  confirmed until event ${sentSeq}, ${waiting} are waiting${problem}${state}`;
}
