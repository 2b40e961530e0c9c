import { randomUUID } from 'node:crypto';
import type { EndRow, JournalChunk, StepRow } from '../src/domain/journal/journal-rows.js';

const at = '2026-01-01T00:00:01.000Z';

/** A step that succeeded. */
export function aStep(path: string, seq: number, changes: Partial<StepRow> = {}): StepRow {
  return {
    path,
    seq,
    nodeId: path,
    nodeType: 'Prompt',
    nodeName: 'Prompt',
    status: 'succeeded',
    outputs: '{"prompt":"hello"}',
    startedAt: at,
    finishedAt: at,
    ...changes,
  };
}

/** A run that succeeded, with one report in the outbox. */
export function anEnd(lastSeq: number, changes: Partial<EndRow> = {}): EndRow {
  return {
    status: 'succeeded',
    result: '{"outputs":[]}',
    lastSeq,
    tokensUsed: 0,
    finishedAt: at,
    outbox: [aReport()],
    ...changes,
  };
}

/** An outbox row that reports an ending. */
export function aReport() {
  return {
    id: randomUUID(),
    subject: 'req.scheduler.run.report.v1',
    payload: '{}',
    organisationId: randomUUID(),
    teamId: randomUUID(),
  };
}

/** Rows of one run. */
export function aChunk(runId: string, changes: Partial<JournalChunk> = {}): JournalChunk {
  return { runId, epoch: 1, steps: [], attempts: [], incidents: [], effects: [], messages: [], ...changes };
}
