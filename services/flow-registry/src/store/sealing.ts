import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { Vault } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Seals what is stored of flows, because they may hold keys that were typed into a node. It compresses first, since sealed bytes cannot be compressed. */
@Injectable()
export class Sealing {
  constructor(private readonly vault: Vault) {}

  async seal(content: string | Uint8Array): Promise<string> {
    return this.vault.seal((await compress(content)).toString('base64'));
  }

  async open(sealed: string): Promise<Buffer> {
    return decompress(Buffer.from(this.vault.open(sealed), 'base64'));
  }

  async openText(sealed: string): Promise<string> {
    return (await this.open(sealed)).toString();
  }
}
