import { causewayError, toWireError } from '@causeway/contracts';
import { KeySource, SealedKind } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { KeyAnswered, KeyAsked, KeyWish } from '../runner/keys/key-messages.js';

/** The kinds of rows that a run can need. */
const NEEDED: readonly string[] = [
  SealedKind.run,
  SealedKind.variable,
  SealedKind.file,
  SealedKind.cachedPlan,
];

/** Answers the questions of runners for keys. The data keys themselves stay in this process. */
@Injectable()
export class RunnerKeys {
  constructor(private readonly keys: KeySource) {}

  /** Never throws: an error is an answer, too. */
  async answer({ n, wish }: KeyAsked): Promise<KeyAnswered> {
    try {
      return { type: 'key', n, answer: await this.find(wish) };
    } catch (error) {
      return { type: 'key', n, answer: { error: toWireError(error) } };
    }
  }

  private async find(wish: KeyWish): Promise<{ value: string; dataKeyId?: string }> {
    switch (wish.for) {
      case 'row': {
        const { row, dataKeyId: wanted } = wish;
        if (!NEEDED.includes(row.kind))
          throw causewayError('SEALED_UNREADABLE', {
            problem: `a run needs nothing of the kind ${row.kind}`,
          });
        const { key, dataKeyId } = await this.keys.rowKey(row, wanted);
        return { value: key.toString('base64'), dataKeyId };
      }
      case 'old value':
        return { value: JSON.stringify(await this.keys.openOld(wish.organisationId, wish.sealed)) };
      case 'old file': {
        const { organisationId, masterKeyId, salt } = wish;
        const key = await this.keys.oldFileKey(organisationId, masterKeyId, Buffer.from(salt, 'base64'));
        return { value: key.toString('base64') };
      }
    }
  }
}
