import type { Tenant } from '@causeway/contracts';
import { dataKeyOf, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { cleanText } from '../domain/clean-text.js';
import { sha256 } from '../domain/compiled-version.js';
import { placeOfSource } from './sealing/sealed-places.js';
import { Sealing } from './sealing/sealing.js';
import { Tables, type Writes } from './tables.js';

/** A file as it was sent. */
export interface SourceFile {
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

/** A sealed file that can be stored. */
export interface SealedSource {
  /** The id for which it is sealed, which it gets unless the team has the file already. */
  readonly id: string;
  readonly fileName: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly content: string;
}

/** Imported files, sealed, byte for byte. */
@Injectable()
export class SourceStore {
  constructor(
    private readonly tables: Tables,
    private readonly sealing: Sealing,
  ) {}

  async seal(organisationId: string, { fileName, bytes }: SourceFile): Promise<SealedSource> {
    const id = newId();
    const name = cleanText(fileName.split(/[/\\]/).at(-1) ?? '', 255) || 'flow.json';
    return {
      id,
      fileName: name,
      sha256: sha256(bytes),
      bytes: bytes.length,
      content: await this.sealing.seal(bytes, placeOfSource(organisationId, id)),
    };
  }

  /** Adds a file to a team unless the team has it. @returns its id */
  async ensure(writes: Writes, { organisationId, teamId }: Tenant, source: SealedSource): Promise<string> {
    const { sha256: hash, fileName } = source;
    const found = await writes.source.findUnique({
      where: { teamId_sha256_fileName: { teamId, sha256: hash, fileName } },
      select: { id: true },
    });
    if (found) return found.id;
    const made = await writes.source.create({
      data: { organisationId, teamId, ...source, dataKeyId: dataKeyOf(source.content) },
      select: { id: true },
    });
    return made.id;
  }

  async open(id: string): Promise<SourceFile> {
    const row = await this.tables.reads.source.findUniqueOrThrow({ where: { id } });
    const { fileName, content, organisationId } = row;
    return { fileName, bytes: await this.sealing.open(content, placeOfSource(organisationId, id)) };
  }
}
