import type { FileReader } from '@causeway/components/runtime';
import { causewayError } from '@causeway/contracts';
import type { RunEnvelope, RunInput } from '@causeway/contracts';
import { SealedFiles } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { FlowRegistryClient } from '../../clients/flow-registry.client.js';
import { fileNaming } from '../../domain/prepare/file-naming.js';

/** Uploaded files, by the path with which a flow names them. */
@Injectable()
export class FlowFiles {
  constructor(
    private readonly registry: FlowRegistryClient,
    private readonly files: SealedFiles,
  ) {}

  /**
   * The files of a run's team. A caller who may not read all of them cannot name one of another flow or person in the request; one of another
   * team, or a visitor of a public page, cannot name any.
   */
  of(
    run: Pick<RunEnvelope, 'organisationId' | 'teamId' | 'flowId' | 'ownFilesOnly' | 'isShared' | 'isPublic'>,
    request: RunInput,
  ): FileReader {
    const isNamedByRequest = fileNaming(request);
    return {
      read: async (path) => {
        const isForbidden =
          run.isShared || run.isPublic || (run.ownFilesOnly && !path.startsWith(`${run.flowId}/`));
        if (isForbidden && isNamedByRequest(path)) throw causewayError('FILE_UNKNOWN', { file: path });
        const file = await this.registry.file(run, path);
        return {
          bytes: await this.files.read(file),
          name: file.path.slice(file.path.lastIndexOf('/') + 1),
        };
      },
    };
  }
}
