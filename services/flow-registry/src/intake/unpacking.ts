import { causewayError } from '@causeway/contracts';
import type { Payload, Principal } from '@causeway/contracts';
import { Turns, checkDeadline, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { ReadFile, ReadFlow } from '../domain/graph-tasks.js';
import { type SealedSource, type SourceFile, SourceStore } from '../store/source.store.js';
import { Compiling, type Draft } from './compiling.js';
import { GraphWork } from './graph-work.js';
import { Receiving } from './receiving.js';
import { Restoring } from './restoring.js';
import { isYaml, isZip, openZip } from './zip-file.js';

/** One flow of a file. */
export interface UnpackedFlow {
  readonly id: string | undefined;
  readonly document: ReadFlow['document'];
  readonly draft: Draft;
  /** True when masks in it were replaced by stored secrets, so the file differs from the flow. */
  readonly isRestored: boolean;
}

const FlowId = z.uuid();

/** The flows of one JSON file, compiled. */
export interface UnpackedFile {
  readonly fileName: string;
  readonly source: SealedSource;
  readonly folder: ReadFile['folder'];
  readonly flows: readonly UnpackedFlow[];
}

const MOST_FLOWS = 500;
/** Uploads that unpack to more than this are read one after the other: each takes several times its size in memory. */
const LARGE_BYTES = 1024 * 1024;

/** Reads flow files. */
@Injectable()
export class Unpacking {
  private readonly turns = new Turns();

  constructor(
    private readonly receiving: Receiving,
    private readonly compiling: Compiling,
    private readonly restoring: Restoring,
    private readonly sources: SourceStore,
    private readonly work: GraphWork,
  ) {}

  /**
   * The flows in a file: one, several, or a ZIP of such files, each with the JSON file that contains it.
   *
   * @throws CausewayError FLOW_INVALID naming the file within a ZIP, PAYLOAD_TOO_LARGE
   */
  async unpack(principal: Principal, file: Payload, fileName: string): Promise<UnpackedFile[]> {
    const bytes = await this.receiving.bytesOf(file);
    const zip = isZip(bytes) ? await openZip(bytes, this.receiving.limits.maxBytes) : undefined;
    const read = (): Promise<UnpackedFile[]> =>
      this.readAll(principal, fileName, zip?.files ?? [{ fileName, bytes }], zip !== undefined);
    const isLarge = (zip?.unpackedBytes ?? bytes.length) > LARGE_BYTES;
    if (!isLarge) return read();
    return this.turns.take('large', () => {
      checkDeadline();
      return read();
    });
  }

  /** One file after the other, so that only what is to be written of it stays in memory. */
  private async readAll(
    principal: Principal,
    fileName: string,
    files: AsyncIterable<SourceFile> | Iterable<SourceFile>,
    isPacked: boolean,
  ): Promise<UnpackedFile[]> {
    const unpacked: UnpackedFile[] = [];
    let count = 0;
    for await (const one of files) {
      const { folder, flows } = await this.read(one, isPacked);
      count += flows.length;
      if (count > MOST_FLOWS) throw wrongCount(fileName, count);
      const drafts: UnpackedFlow[] = [];
      for (const flow of flows) drafts.push(await this.draft(principal, flow));
      unpacked.push({
        fileName: one.fileName,
        source: await this.sources.seal(principal.organisationId, one),
        folder,
        flows: drafts,
      });
    }
    if (count === 0) throw wrongCount(fileName, count);
    return unpacked;
  }

  private async draft(principal: Principal, flow: ReadFlow): Promise<UnpackedFlow> {
    const { document, graph } = flow;
    const id = FlowId.safeParse(document.id?.toLowerCase()).data;
    const stored = await this.restoring.findStored(principal, id, flow);
    const { organisationId } = principal;
    const draft = await this.compiling.draft(graph, { organisationId, flowId: id ?? newId() }, stored);
    return { id, document, draft, isRestored: stored !== undefined };
  }

  private async read({ fileName, bytes }: SourceFile, isPacked: boolean): Promise<ReadFile> {
    // YAML files matter only when another product exported them; other YAML files in a ZIP are ignored.
    const mayHoldNone = isPacked && isYaml(fileName);
    const { limits } = this.receiving;
    return this.work.do('read', { source: bytes, what: fileName, limits, mayHoldNone }, bytes);
  }
}

function wrongCount(fileName: string, count: number): Error {
  const problems = `${fileName}: it holds ${count > MOST_FLOWS ? `more than ${MOST_FLOWS}` : count} flows; send 1 to ${MOST_FLOWS} at a time.`;
  return causewayError('FLOW_INVALID', { problems });
}
