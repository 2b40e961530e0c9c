import type { FileReader } from '@causeway/components/runtime';
import type { Tenant } from '@causeway/contracts';
import { SealedFiles } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { FlowRegistryClient } from '../../clients/flow-registry.client.js';

/** Uploaded files, by the path with which a flow names them. */
@Injectable()
export class FlowFiles {
  constructor(
    private readonly registry: FlowRegistryClient,
    private readonly files: SealedFiles,
  ) {}

  /** The files of one team. */
  of(tenant: Tenant): FileReader {
    return {
      read: async (path) => {
        const file = await this.registry.file(tenant, path);
        return {
          bytes: await this.files.read(file.sha256),
          name: file.path.slice(file.path.lastIndexOf('/') + 1),
        };
      },
    };
  }
}
