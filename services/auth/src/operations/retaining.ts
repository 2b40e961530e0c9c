import { Database, type Queryable, type RetainedKind, RetentionService, SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';
import { DeletionStore } from '../store/deletion.store.js';
import { OldKeyStore } from '../store/old-key.store.js';
import { InvitationStore } from '../store/passwords/invitation.store.js';
import { DeviceCodeStore } from '../store/oauth/device-code.store.js';
import { TokenStore } from '../store/oauth/token.store.js';
import { SessionStore } from '../store/sign-in/session.store.js';
import { UsedAssertionStore } from '../store/sign-in/used-assertion.store.js';

/** Rows that were marked as deleted. */
const deletedKinds = {
  service_account: 'deleted service accounts',
  user: 'deleted people',
  team: 'deleted teams',
} as const;

/** Removes keys, sessions and tokens that ended long ago. The audit log still says who made and ended them. */
@Injectable()
export class Retaining extends RetentionService {
  constructor(
    database: Database,
    private readonly keys: OldKeyStore,
    private readonly sessions: SessionStore,
    private readonly invitations: InvitationStore,
    private readonly tokens: TokenStore,
    private readonly codes: DeviceCodeStore,
    private readonly assertions: UsedAssertionStore,
    private readonly deletions: DeletionStore,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    super(database);
  }

  protected override kinds(): RetainedKind[] {
    const { endedKeyDays, endedSessionDays, endedTokenDays } = this.settings;
    return [
      {
        kind: 'ended API keys',
        setting: 'endedKeyDays',
        keepDays: endedKeyDays,
        remove: async (transaction, atMost) => {
          const rows = await this.keys.delete(transaction, endedKeyDays, atMost);
          // A key can be deleted only after the keys that were made with it.
          return { rows, isMore: rows > 0 };
        },
        measure: () => this.keys.measure(endedKeyDays),
      },
      {
        kind: 'ended sessions',
        setting: 'endedSessionDays',
        keepDays: endedSessionDays,
        remove: async (transaction, atMost) => {
          const rows = await this.sessions.delete(transaction, endedSessionDays, atMost);
          return { rows, isMore: rows === atMost };
        },
        measure: () => this.sessions.measure(endedSessionDays),
      },
      {
        kind: 'expired invitations',
        keepDays: 1,
        remove: async (transaction, atMost) => {
          const rows = await this.invitations.deleteExpired(transaction, atMost);
          return { rows, isMore: rows === atMost };
        },
        measure: () => this.invitations.measure(),
      },
      {
        kind: 'expired device codes',
        keepDays: 1,
        remove: async (transaction, atMost) => {
          const rows = await this.codes.deleteOld(transaction, 1, atMost);
          return { rows, isMore: rows === atMost };
        },
        measure: () => this.codes.measure(1),
      },
      {
        kind: 'used assertions',
        keepDays: 1,
        remove: async (transaction, atMost) => {
          const rows = await this.assertions.deleteExpired(transaction, atMost);
          return { rows, isMore: rows === atMost };
        },
        measure: () => this.assertions.measure(),
      },
      {
        kind: 'ended tokens',
        setting: 'endedTokenDays',
        keepDays: endedTokenDays,
        remove: async (transaction, atMost) => {
          const rows = await this.tokens.deleteOldTokens(transaction, endedTokenDays, atMost);
          return { rows, isMore: rows === atMost };
        },
        measure: () => this.tokens.measure('oauth_token', endedTokenDays),
      },
      {
        kind: 'ended grants of programs',
        setting: 'endedTokenDays',
        keepDays: endedTokenDays,
        remove: async (transaction, atMost) => {
          const rows = await this.tokens.deleteOldGrants(transaction, endedTokenDays, atMost);
          return { rows, isMore: rows === atMost };
        },
        measure: () => this.tokens.measure('oauth_grant', endedTokenDays),
      },
      ...(['service_account', 'user', 'team'] as const).map((table) => ({
        kind: deletedKinds[table],
        setting: 'endedKeyDays' as const,
        keepDays: endedKeyDays,
        remove: async (transaction: Queryable, atMost: number) => {
          const rows = await this.deletions.deleteMarked(transaction, table, endedKeyDays, atMost);
          return { rows, isMore: rows === atMost };
        },
        measure: () => this.deletions.measure(table, endedKeyDays),
      })),
    ];
  }
}
