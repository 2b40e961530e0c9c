import { createFile, deleteFiles, getFile, listFiles, renameFile } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Files } from '../changes/files.js';

/** Requests about uploaded files. */
@Controller()
export class FilesHandler {
  constructor(private readonly files: Files) {}

  /** Not idempotent: the same upload twice makes two files; the name of the second gets a number. */
  @Handles(createFile)
  create(input: InputOf<typeof createFile>): Promise<ReplyOf<typeof createFile>> {
    return this.files.create(input);
  }

  @Handles(listFiles)
  list(input: InputOf<typeof listFiles>): Promise<ReplyOf<typeof listFiles>> {
    return this.files.list(input);
  }

  @Handles(getFile)
  get(input: InputOf<typeof getFile>): Promise<ReplyOf<typeof getFile>> {
    return this.files.get(input);
  }

  @Handles(renameFile)
  rename(input: InputOf<typeof renameFile>): Promise<ReplyOf<typeof renameFile>> {
    return this.files.rename(input);
  }

  /** Idempotent: files that were deleted are ignored. */
  @Handles(deleteFiles)
  async delete(input: InputOf<typeof deleteFiles>): Promise<ReplyOf<typeof deleteFiles>> {
    return { deleted: await this.files.delete(input) };
  }
}
