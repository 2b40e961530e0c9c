import { apiKeyHash, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { AdapterPayload } from 'oidc-provider';
import { ClientStore } from '../../store/oauth/client.store.js';
import { DeviceCodeStore, type StoredCode } from '../../store/oauth/device-code.store.js';
import { TokenStore } from '../../store/oauth/token.store.js';
import { Tables } from '../../store/tables.js';
import { type Errors, currentAsking } from './asking.js';

/**
 * Keeps the codes of the device authorization grant for the library. Of both codes only the SHA-256 is stored, so whoever answers finds a
 * code by its hash, which takes the place of the device code then.
 */
@Injectable()
export class DeviceCodeAdapter {
  constructor(
    private readonly tables: Tables,
    private readonly clients: ClientStore,
    private readonly tokens: TokenStore,
    private readonly codes: DeviceCodeStore,
  ) {}

  /** Makes a code when the program asks for one; otherwise it is the answer of a person. */
  async upsert(id: string, payload: AdapterPayload, errors: Errors): Promise<void> {
    if (currentAsking().device) await this.answer(id, payload, errors);
    else await this.insert(id, payload, errors);
  }

  /** For the program, which must not ask too often while nobody has answered. */
  async find(deviceCode: string, errors: Errors): Promise<AdapterPayload | undefined> {
    const tokenHash = apiKeyHash(deviceCode);
    if (await this.codes.notePoll(tokenHash)) throw new errors.SlowDown();
    return payloadOf(deviceCode, await this.codes.find(tokenHash));
  }

  /** For a person. What a program of another organisation waits for does not exist for them. */
  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    const found = await this.codes.findByUserCode(apiKeyHash(userCode));
    if (!found || found.organisationId !== currentAsking().principal?.organisationId) return undefined;
    // Whoever has answered first but was interrupted has answered.
    const inFlight = found.decidedAt !== null;
    return { ...payloadOf(found.tokenHash, found), userCode, inFlight };
  }

  /** @returns whether nobody had used it before */
  consume(deviceCode: string): Promise<boolean> {
    return this.codes.consume(apiKeyHash(deviceCode));
  }

  /** The grant that a person has given for this code. */
  async grantOf(deviceCode: string): Promise<unknown> {
    return (await this.codes.find(apiKeyHash(deviceCode)))?.content['grantId'];
  }

  private async insert(deviceCode: string, payload: AdapterPayload, errors: Errors): Promise<void> {
    const { jti: _code, userCode = '', ...content } = payload;
    const { clientId = '', exp = 0 } = payload;
    if (JSON.stringify(content).includes('\\u0000'))
      throw new errors.InvalidRequest('a parameter holds a NUL character');
    const client = await this.clients.findUsable(clientId);
    if (!client) throw new errors.InvalidClient('the client has ended', clientId);
    const refused = await this.tables.reads.$transaction(async (writes) => {
      if (!(await this.tokens.hold(writes, clientId, null))) return 'the client has ended';
      return this.codes.insert(writes, {
        id: newId(),
        tokenHash: apiKeyHash(deviceCode),
        userCodeHash: apiKeyHash(userCode),
        organisationId: client.organisationId,
        clientId,
        network: currentAsking().network ?? null,
        expiresAt: new Date(exp * 1_000),
        content,
      });
    });
    if (refused !== undefined) throw new errors.TemporarilyUnavailable(refused);
  }

  /** The first time in a request it is claimed: of several answers at the same time, one counts. */
  private async answer(tokenHash: string, payload: AdapterPayload, errors: Errors): Promise<void> {
    const { device } = currentAsking();
    if (!device) return;
    if (!device.isClaimed && !(await this.codes.claim(tokenHash)))
      throw new errors.InvalidGrant('the code was answered already');
    device.isClaimed = true;
    const { jti: _hash, userCode: _code, inFlight: _claimed, ...content } = payload;
    await this.codes.setContent(tokenHash, content);
  }
}

function payloadOf(id: string, found: StoredCode | undefined): AdapterPayload | undefined {
  if (!found) return undefined;
  const { content, consumedAt } = found;
  return {
    ...content,
    jti: id,
    ...(consumedAt && { consumed: Math.floor(consumedAt.getTime() / 1_000) }),
  };
}
