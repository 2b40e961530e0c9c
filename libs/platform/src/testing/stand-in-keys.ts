import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { getDataKey } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Controller, Module } from '@nestjs/common';
import { readSigningKey, readTrustedKeys } from '../identity/keys.js';
import { Handles } from '../messaging/servers/handles.js';
import { runService } from '../service/run-service.js';
import { type DataKey, DataKeys, type KeyOwner } from '../vault/data-keys.js';
import { KeyExchange } from '../vault/key-exchange.js';
import { aboutDataKey } from '../vault/key-subjects.js';
import { oldKeyId, OldVault } from '../vault/old-vault.js';
import { Vault } from '../vault/vault.js';
import { testKeys } from './test-keys.js';

/** A master key of the time before there were data keys, and what it sealed. */
export const oldMasterKey = Buffer.alloc(32, 'old master key');

/** Seals as builds did before there were data keys. */
export function sealOld(text: string, masterKey = oldMasterKey): string {
  const form = text.isWellFormed() ? 'v1' : 'v1w';
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', masterKey, nonce);
  cipher.setAAD(Buffer.from(form));
  const body = cipher.update(text, form === 'v1' ? 'utf8' : 'utf16le');
  const bytes = Buffer.concat([nonce, body, cipher.final(), cipher.getAuthTag()]);
  return `${form}.${oldKeyId(masterKey)}.${bytes.toString('base64url')}`;
}

/** An owner of data keys that needs no database: the keys follow from their names. */
export class FixedKeys implements KeyOwner {
  /** The id of the current data key of every organisation. */
  currentId = 'key-1';
  readonly #old = new OldVault(oldMasterKey);

  async dataKey(organisationId: string, id = this.currentId): Promise<DataKey> {
    return { id, key: createHash('sha256').update(`${organisationId} ${id}`).digest() };
  }

  async openOld(_organisationId: string, sealed: string): Promise<string> {
    return this.#old.open(sealed);
  }

  async oldFileKey(_organisationId: string, _masterKeyId: string, salt: Buffer): Promise<Buffer> {
    return this.#old.fileKey(salt);
  }
}

/** A vault with fixed keys: it opens what services seal to which a stand-in gave the same keys. */
export function testVault(owner: KeyOwner = new FixedKeys()): Vault {
  return new Vault(new DataKeys(owner));
}

const owner = new FixedKeys();
const exchange = new KeyExchange(
  'auth',
  readSigningKey(String(testKeys['CAUSEWAY_SIGNING_KEY'])),
  readTrustedKeys(String(testKeys['CAUSEWAY_TRUSTED_KEYS'])),
);

@Controller()
class KeysHandler {
  @Handles(getDataKey)
  async get({
    organisationId,
    dataKeyId,
    question,
  }: InputOf<typeof getDataKey>): Promise<ReplyOf<typeof getDataKey>> {
    const about = aboutDataKey({ organisationId, dataKeyId });
    exchange.check(question, about);
    const { id, key } = await owner.dataKey(organisationId, dataKeyId);
    const content = Buffer.from(JSON.stringify([id, key.toString('base64')]));
    return { dataKeyId: id, answer: exchange.answer(question, about, content) };
  }
}

@Module({ controllers: [KeysHandler] })
class StandInModule {}

/** Answers, in the place of auth, the questions of services for data keys: with those of `testVault`. @returns what stops it */
export async function startKeyOwner(natsUrl: string): Promise<() => Promise<void>> {
  const service = await runService({
    name: 'auth',
    settings: {},
    module: async () => StandInModule,
    environment: { ...testKeys, CAUSEWAY_NATS_URL: natsUrl, CAUSEWAY_LOG_LEVEL: 'silent' },
    embedded: true,
    version: '0',
  });
  return () => service.drain('test is over');
}
