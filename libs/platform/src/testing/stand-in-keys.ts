import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import {
  DEFAULT_ORGANISATION_ID,
  causewayError,
  dataKeyChanged,
  getDataKey,
  getOldFileKey,
  openOldValue,
} from '@causeway/contracts';
import type { InputOf, KeyAnswer, KeyQuestion, ReplyOf } from '@causeway/contracts';
import { Controller, Module } from '@nestjs/common';
import { readSigningKey, readTrustedKeys } from '../identity/keys.js';
import { Bus } from '../messaging/bus/bus.js';
import { Handles } from '../messaging/servers/handles.js';
import { runService } from '../service/run-service.js';
import { type DataKey, DataKeys, type KeyOwner } from '../vault/data-keys.js';
import { KeyExchange } from '../vault/key-exchange.js';
import { aboutDataKey, aboutOldFileKey, aboutOldValue } from '../vault/key-subjects.js';
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

/** An organisation that has no data keys. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** An owner of data keys that needs no database: the keys follow from their names. */
export class FixedKeys implements KeyOwner {
  /** The id of the current data key of every organisation. */
  currentId = 'key-1';
  readonly #old = new OldVault(oldMasterKey);

  async dataKey(organisationId: string, id = this.currentId): Promise<DataKey> {
    if (organisationId === NOBODY)
      throw causewayError('SEALED_UNREADABLE', { problem: 'there is no such organisation' });
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

const exchange = new KeyExchange(
  'auth',
  readSigningKey(String(testKeys['CAUSEWAY_SIGNING_KEY'])),
  readTrustedKeys(String(testKeys['CAUSEWAY_TRUSTED_KEYS'])),
);

@Controller()
class KeysHandler {
  readonly owner = new FixedKeys();

  @Handles(getDataKey)
  async get({ question, ...wanted }: InputOf<typeof getDataKey>): Promise<ReplyOf<typeof getDataKey>> {
    const { id, key } = await this.owner.dataKey(wanted.organisationId, wanted.dataKeyId);
    const content = Buffer.from(JSON.stringify([id, key.toString('base64')]));
    return { dataKeyId: id, ...answered(question, aboutDataKey(wanted), content) };
  }

  @Handles(openOldValue)
  async open({ question, ...wanted }: InputOf<typeof openOldValue>): Promise<ReplyOf<typeof openOldValue>> {
    const value = await this.owner.openOld(wanted.organisationId, wanted.sealed);
    return answered(question, aboutOldValue(wanted), Buffer.from(JSON.stringify(value)));
  }

  @Handles(getOldFileKey)
  async file({ question, ...wanted }: InputOf<typeof getOldFileKey>): Promise<ReplyOf<typeof getOldFileKey>> {
    const salt = Buffer.from(wanted.salt, 'base64url');
    const key = await this.owner.oldFileKey(wanted.organisationId, wanted.masterKeyId, salt);
    return answered(question, aboutOldFileKey(wanted), key);
  }
}

function answered(question: KeyQuestion, about: string, content: Buffer): { answer: KeyAnswer } {
  exchange.check(question, about);
  return { answer: exchange.answer(question, about, content) };
}

@Module({ controllers: [KeysHandler] })
class StandInModule {}

/** A stand-in for auth that answers the questions of services for data keys. */
export interface StandInKeys {
  /** Makes another data key the current one of every organisation, and says so unless it is silent. */
  rotate(dataKeyId: string, isSilent?: boolean): void;
  stop(): Promise<void>;
}

/** Answers, in the place of auth, the questions of services for data keys: with those of `testVault`. */
export async function startKeyOwner(natsUrl: string): Promise<StandInKeys> {
  const service = await runService({
    name: 'auth',
    settings: {},
    module: async () => StandInModule,
    environment: { ...testKeys, CAUSEWAY_NATS_URL: natsUrl, CAUSEWAY_LOG_LEVEL: 'silent' },
    embedded: true,
    version: '0',
  });
  return {
    rotate: (dataKeyId, isSilent = false) => {
      service.get(KeysHandler).owner.currentId = dataKeyId;
      const organisationId = DEFAULT_ORGANISATION_ID;
      if (!isSilent) service.get(Bus).publish(dataKeyChanged, { organisationId });
    },
    stop: () => service.drain('test is over'),
  };
}
