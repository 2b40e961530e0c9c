import { getDataKey, getOldFileKey, openOldValue, ownerOf } from '@causeway/contracts';
import type { Bus } from '../messaging/bus/bus.js';
import type { DataKey, KeyOwner } from './data-keys.js';
import type { KeyExchange } from './key-exchange.js';
import { aboutDataKey, aboutOldFileKey, aboutOldValue } from './key-subjects.js';

/** Asks auth, which owns the data keys. */
export class AuthKeys implements KeyOwner {
  readonly #bus: Bus;
  readonly #exchange: KeyExchange;

  constructor(bus: Bus, exchange: KeyExchange) {
    this.#bus = bus;
    this.#exchange = exchange;
  }

  async dataKey(organisationId: string, dataKeyId?: string): Promise<DataKey> {
    const wanted = { organisationId, ...(dataKeyId !== undefined && { dataKeyId }) };
    const { question, open } = this.#exchange.ask(ownerOf(getDataKey), aboutDataKey(wanted));
    const { dataKeyId: id, answer } = await this.#bus.request(getDataKey, { ...wanted, question });
    const [answeredId, key] = JSON.parse(open(answer).toString()) as [string, string];
    if (answeredId !== id) throw new Error('the answer with a key names another one');
    return { id, key: Buffer.from(key, 'base64') };
  }

  async openOld(organisationId: string, sealed: string): Promise<string> {
    const wanted = { organisationId, sealed };
    const { question, open } = this.#exchange.ask(ownerOf(openOldValue), aboutOldValue(wanted));
    const { answer } = await this.#bus.request(openOldValue, { ...wanted, question });
    return JSON.parse(open(answer).toString()) as string;
  }

  async oldFileKey(organisationId: string, masterKeyId: string, salt: Buffer): Promise<Buffer> {
    const wanted = { organisationId, masterKeyId, salt: salt.toString('base64url') };
    const { question, open } = this.#exchange.ask(ownerOf(getOldFileKey), aboutOldFileKey(wanted));
    const { answer } = await this.#bus.request(getOldFileKey, { ...wanted, question });
    return open(answer);
  }
}
