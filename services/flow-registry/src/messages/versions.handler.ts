import { listVersions, publishVersion } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Publishing } from '../changes/publishing.js';

/** Requests about the versions of flows. */
@Controller()
export class VersionsHandler {
  constructor(private readonly publishing: Publishing) {}

  @Handles(listVersions)
  list(input: InputOf<typeof listVersions>): Promise<ReplyOf<typeof listVersions>> {
    return this.publishing.list(input);
  }

  /** Idempotent: the same version changes nothing. */
  @Handles(publishVersion)
  publish(input: InputOf<typeof publishVersion>): Promise<ReplyOf<typeof publishVersion>> {
    return this.publishing.publish(input);
  }
}
