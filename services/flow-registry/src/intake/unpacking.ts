import { causewayError } from '@causeway/contracts';
import type { Payload, Tenant } from '@causeway/contracts';
import { parseFlowFile } from '@causeway/dag';
import type { FlowDocument, ParsedFlowFile } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { readableFlows, utf8Text } from '../domain/readable-flows.js';
import { type SealedSource, type SourceFile, SourceStore } from '../store/source.store.js';
import { Compiling, type Draft } from './compiling.js';
import { Receiving } from './receiving.js';
import { Restoring } from './restoring.js';
import { isYaml, isZip, readZip } from './zip-file.js';

/** One flow of a file. */
export interface UnpackedFlow {
  readonly id: string | undefined;
  readonly document: FlowDocument;
  readonly draft: Draft;
  /** True when masks in it were replaced by stored secrets, so the file differs from the flow. */
  readonly isRestored: boolean;
}

const FlowId = z.uuid();

/** The flows of one JSON file, compiled. */
export interface UnpackedFile {
  readonly fileName: string;
  readonly source: SealedSource;
  readonly folder: ParsedFlowFile['folder'];
  readonly flows: readonly UnpackedFlow[];
}

const MOST_FLOWS = 500;

/** Reads flow files. */
@Injectable()
export class Unpacking {
  constructor(
    private readonly receiving: Receiving,
    private readonly compiling: Compiling,
    private readonly restoring: Restoring,
    private readonly sources: SourceStore,
  ) {}

  /**
   * The flows in a file: one, several, or a ZIP of such files, each with the JSON file that contains it.
   *
   * @throws CausewayError FLOW_INVALID naming the file within a ZIP, PAYLOAD_TOO_LARGE
   */
  async unpack(tenant: Tenant, file: Payload, fileName: string): Promise<UnpackedFile[]> {
    const bytes = await this.receiving.bytesOf(file);
    const isPacked = isZip(bytes);
    const files = isPacked ? await readZip(bytes, this.receiving.maxBytes) : [{ fileName, bytes }];
    // All files are read before anything is compiled, so that a bad file costs little.
    const parsed = files.map((one) => ({ one, ...this.read(one, isPacked) }));
    const count = parsed.reduce((sum, { flows }) => sum + flows.length, 0);
    if (count === 0 || count > MOST_FLOWS) {
      const problems = `${fileName}: it holds ${count} flows; send 1 to ${MOST_FLOWS} at a time.`;
      throw causewayError('FLOW_INVALID', { problems });
    }
    const unpacked: UnpackedFile[] = [];
    for (const { one, flows, folder } of parsed) {
      const drafts: UnpackedFlow[] = [];
      for (const document of flows) drafts.push(await this.draft(tenant, document));
      unpacked.push({ fileName: one.fileName, source: await this.sources.seal(one), folder, flows: drafts });
    }
    return unpacked;
  }

  private async draft(tenant: Tenant, document: FlowDocument): Promise<UnpackedFlow> {
    const id = FlowId.safeParse(document.id?.toLowerCase()).data;
    const restored = await this.restoring.restore(tenant, id, document);
    const draft = await this.compiling.draft(restored);
    return { id, document, draft, isRestored: restored !== document };
  }

  private read({ fileName, bytes }: SourceFile, isPacked: boolean): Pick<ParsedFlowFile, 'flows' | 'folder'> {
    const parsed = parseFlowFile(utf8Text(bytes, fileName), { maxBytes: this.receiving.maxBytes });
    // YAML files matter only when another product exported them; other YAML files in a ZIP are ignored.
    if (isYaml(fileName) && parsed.flows.length === 0 && isPacked) return { flows: [] };
    return { ...parsed, flows: readableFlows(parsed, fileName) };
  }
}
