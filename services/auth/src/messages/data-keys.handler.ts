import {
  getDataKey,
  getOldFileKey,
  listDataKeys,
  openOldValue,
  rotateDataKey,
  rotateMasterKey,
} from '@causeway/contracts';
import type { InputOf, KeyQuestion, ReplyOf } from '@causeway/contracts';
import {
  Handles,
  KeyExchange,
  SETTINGS,
  aboutDataKey,
  aboutOldFileKey,
  aboutOldValue,
  readSigningKey,
  readTrustedKeys,
} from '@causeway/platform';
import { Controller, Inject } from '@nestjs/common';
import type { Settings } from '../config.js';
import { DataKeys } from '../operations/secrets/data-keys.js';
import { OldMasterKeys } from '../operations/secrets/old-master-keys.js';
import { OwnResealing } from '../operations/secrets/own-resealing.js';
import { Rewrapping } from '../operations/secrets/rewrapping.js';

/** Handles questions for data keys, whose answers only the asking process can read, and requests to rotate them. */
@Controller()
export class DataKeysHandler {
  private readonly exchange: KeyExchange;

  constructor(
    private readonly keys: DataKeys,
    private readonly old: OldMasterKeys,
    private readonly rewrapping: Rewrapping,
    private readonly resealing: OwnResealing,
    @Inject(SETTINGS) { signingKey, trustedKeys }: Settings,
  ) {
    this.exchange = new KeyExchange('auth', readSigningKey(signingKey), readTrustedKeys(trustedKeys));
  }

  @Handles(getDataKey)
  async get({ question, ...wanted }: InputOf<typeof getDataKey>): Promise<ReplyOf<typeof getDataKey>> {
    const about = aboutDataKey(wanted);
    this.check(question, getDataKey.from, about);
    const { id, key } = await this.keys.get(wanted.organisationId, wanted.dataKeyId);
    const content = Buffer.from(JSON.stringify([id, key.toString('base64')]));
    return { dataKeyId: id, answer: this.exchange.answer(question, about, content) };
  }

  @Handles(openOldValue)
  async openOld({
    question,
    ...wanted
  }: InputOf<typeof openOldValue>): Promise<ReplyOf<typeof openOldValue>> {
    const about = aboutOldValue(wanted);
    this.check(question, openOldValue.from, about);
    const content = Buffer.from(JSON.stringify(await this.old.open(wanted.sealed)));
    return { answer: this.exchange.answer(question, about, content) };
  }

  @Handles(getOldFileKey)
  async oldFileKey({
    question,
    ...wanted
  }: InputOf<typeof getOldFileKey>): Promise<ReplyOf<typeof getOldFileKey>> {
    const about = aboutOldFileKey(wanted);
    this.check(question, getOldFileKey.from, about);
    const content = await this.old.fileKey(wanted.masterKeyId, Buffer.from(wanted.salt, 'base64url'));
    return { answer: this.exchange.answer(question, about, content) };
  }

  @Handles(listDataKeys)
  async list(input: InputOf<typeof listDataKeys>): Promise<ReplyOf<typeof listDataKeys>> {
    const listed = await this.keys.list(input);
    return { ...listed, resealing: await this.resealing.status(input.principal.organisationId) };
  }

  @Handles(rotateDataKey)
  async rotateData(input: InputOf<typeof rotateDataKey>): Promise<ReplyOf<typeof rotateDataKey>> {
    const key = await this.keys.rotate(input);
    this.resealing.wake();
    return { key };
  }

  /** Can be repeated safely: keys that the newest master key wraps are left alone. */
  @Handles(rotateMasterKey)
  rotateMaster(input: InputOf<typeof rotateMasterKey>): Promise<ReplyOf<typeof rotateMasterKey>> {
    return this.rewrapping.rotate(input);
  }

  /** The token of the message says that some holder sent it; this says which process asks. @throws CausewayError SENDER_REFUSED */
  private check(question: KeyQuestion, holders: readonly string[], about: string): void {
    this.exchange.check(holders.includes(question.service) ? question : { ...question, service: '' }, about);
  }
}
