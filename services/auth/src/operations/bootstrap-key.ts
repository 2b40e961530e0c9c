import {
  BOOTSTRAP_USER_ID,
  DEFAULT_ORGANISATION_ID,
  DEFAULT_TEAM_ID,
  keyChanged,
  permissions,
} from '@causeway/contracts';
import type { Principal } from '@causeway/contracts';
import { Bus, OutboxRelay, SETTINGS, log, newId, onceReachable, storedKey } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import type { Settings } from '../config.js';
import { type Act, keyEvent } from '../domain/key-event.js';
import { KeyStore } from '../store/key.store.js';
import { bindingEvent } from './access-event.js';

const tenant = { organisationId: DEFAULT_ORGANISATION_ID, teamId: DEFAULT_TEAM_ID };
const system: Principal = { kind: 'system', id: 'auth', name: 'auth', ...tenant, permissions: [] };

/** Makes the bootstrap key match its setting. */
@Injectable()
export class BootstrapKey implements OnApplicationBootstrap {
  constructor(
    private readonly store: KeyStore,
    private readonly relay: OutboxRelay,
    private readonly bus: Bus,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * Makes the key if it does not exist, and revokes bootstrap keys with other values. The administrator owns the organisation again when a
   * key is made: a new value is the way back in.
   */
  async onApplicationBootstrap(): Promise<void> {
    const secret = this.settings.bootstrapApiKey;
    if (secret === undefined) return;
    const act = (): Act => ({ id: newId(), at: new Date(), actor: system });
    const key = {
      id: newId(),
      ...tenant,
      userId: BOOTSTRAP_USER_ID,
      name: 'bootstrap',
      ...storedKey(secret),
      permissions: [...permissions],
      createdAt: new Date(),
      expiresAt: null,
      madeById: null,
    };
    const { state, revoked } = await onceReachable(() =>
      this.store.ensureBootstrap(key, {
        created: keyEvent('key.create', key, act()),
        revoked: (former) => keyEvent('key.delete', former, act()),
        owner: (binding) => bindingEvent({ principal: system }, 'role_binding.create', binding),
      }),
    );
    for (const keyId of revoked) this.bus.publish(keyChanged, { ...tenant, keyId });
    this.relay.wake();
    if (state === 'revoked') {
      log.warn(
        { masked: key.masked },
        'the bootstrap key was revoked: set CAUSEWAY_BOOTSTRAP_API_KEY to a new value',
      );
    } else {
      log.info({ state, revoked: revoked.length }, 'the bootstrap key is ready');
    }
  }
}
