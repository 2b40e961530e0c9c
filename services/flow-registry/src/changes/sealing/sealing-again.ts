import { SealedFiles, type SealedPlace, Vault, placeOfFile } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { SealedRow, SealedTable } from '../../store/sealing/resealing.store.js';
import {
  placeOfFlow,
  placeOfPlan,
  placeOfSource,
  placeOfVariable,
  placeOfVersion,
  placeOfWebhook,
} from '../../store/sealing/sealed-places.js';
import { isSealed } from '../../store/version.store.js';

/** Opens what is sealed in a row and seals it with the current data key. */
@Injectable()
export class SealingAgain {
  constructor(
    private readonly vault: Vault,
    private readonly files: SealedFiles,
  ) {}

  /**
   * The sealed columns of a row, sealed again.
   *
   * @param key  the values that name the row, in the order of its primary key
   * @throws CausewayError SEALED_UNREADABLE; UNAVAILABLE, TIMED_OUT while a key must be asked for and cannot be
   */
  async again(
    table: SealedTable,
    organisationId: string,
    key: readonly string[],
    row: SealedRow,
  ): Promise<SealedRow> {
    const [id = '', versionHash = '', compiledBy = ''] = key;
    const column = async (name: string, place: SealedPlace): Promise<SealedRow> => ({
      [name]: await this.renewed(row[name] ?? '', place),
    });
    switch (table) {
      case 'variable':
        return column('sealed_value', placeOfVariable(organisationId, id));
      case 'flow':
        return column('data', placeOfFlow(organisationId, id));
      case 'flow_version':
        return column('content', placeOfVersion(organisationId, id, versionHash));
      case 'source':
        return column('content', placeOfSource(organisationId, id));
      case 'compiled_plan': {
        const plan = { flowId: id, versionHash, compiledBy };
        return {
          ...(await column('plan', placeOfPlan(organisationId, plan, 'plan'))),
          ...(isSealed(row['variable_uses'] ?? '[]') &&
            (await column('variable_uses', placeOfPlan(organisationId, plan, 'uses')))),
        };
      }
      case 'flow_hook':
        // A webhook without signatures has no secret.
        return row['sealed_secret'] ? column('sealed_secret', placeOfWebhook(organisationId, id)) : {};
      case 'file':
        return { sealed_key: await this.fileKey({ organisationId, id }, row) };
    }
  }

  private async renewed(sealed: string, place: SealedPlace): Promise<string> {
    return this.vault.seal(await this.vault.open(sealed, place), place);
  }

  /** The content of a file stays; its key is sealed again. Null for a file that was stored before files were sealed. */
  private async fileKey(
    file: { readonly organisationId: string; readonly id: string },
    { sealed_key: sealedKey, sha256 }: SealedRow,
  ): Promise<string | null> {
    const place = placeOfFile(file);
    if (sealedKey) return this.renewed(sealedKey, place);
    const key = await this.files.oldKey({ ...file, sha256: sha256 ?? '' });
    return key === undefined ? null : this.vault.seal(key, place);
  }
}
