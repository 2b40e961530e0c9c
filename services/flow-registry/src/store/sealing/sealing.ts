import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { type SealedPlace, Vault } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Seals what is stored of flows, because they may hold keys that were typed into a node. It compresses first, since sealed bytes cannot be compressed. */
@Injectable()
export class Sealing {
  constructor(private readonly vault: Vault) {}

  async seal(content: string | Uint8Array, place: SealedPlace): Promise<string> {
    return this.vault.seal((await compress(content)).toString('base64'), place);
  }

  async open(sealed: string, place: SealedPlace): Promise<Buffer> {
    return decompress(Buffer.from(await this.vault.open(sealed, place), 'base64'));
  }

  async openText(sealed: string, place: SealedPlace): Promise<string> {
    return (await this.open(sealed, place)).toString();
  }

  /** Seals again, for another place, what was sealed for one that turned out to be taken. */
  async move(sealed: string, from: SealedPlace, to: SealedPlace): Promise<string> {
    return this.vault.seal(await this.vault.open(sealed, from), to);
  }
}
