import { SETTINGS, apiKeyHash } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type Provider from 'oidc-provider';
import type { Settings } from '../../config.js';
import { PrincipalStore } from '../../store/principal.store.js';
import { Tables } from '../../store/tables.js';
import { makeProvider } from './make-provider.js';
import { SigningKeys } from './signing-keys.js';
import { TokenAdapter } from './token-adapter.js';

/** Addresses of this site that are known at the same time: a caller chooses the header Host. */
const MOST_ISSUERS = 8;

/** The library, once for each address of this site, since that is its issuer. It is loaded when it is needed first. */
@Injectable()
export class Issuers {
  private readonly known = new Map<string, Provider>();

  constructor(
    private readonly keys: SigningKeys,
    private readonly adapter: TokenAdapter,
    private readonly tables: Tables,
    private readonly principals: PrincipalStore,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'accessTokenS' | 'refreshTokenDays'>,
  ) {}

  /** For an address and the present keys: the library reads both only when it is made, in a fraction of a millisecond. */
  async get(issuer: string): Promise<Provider> {
    const [keys, library] = await Promise.all([this.keys.current(), import('oidc-provider')]);
    const name = [issuer, ...keys.map(({ kid }) => kid)].join(' ');
    const known = this.known.get(name);
    if (known) return known;
    const { adapter, settings } = this;
    const provider = makeProvider(issuer, {
      library,
      adapter,
      keys,
      ...settings,
      findPerson: (id) => this.findPerson(id),
      isAccepted: async (token) => (await this.principals.findByToken(apiKeyHash(token))) !== undefined,
    });
    for (const [oldest] of this.known) {
      if (this.known.size < MOST_ISSUERS) break;
      this.known.delete(oldest);
    }
    this.known.set(name, provider);
    return provider;
  }

  private async findPerson(id: string) {
    const user = await this.tables.reads.user.findUnique({ where: { id } });
    return user && user.disabledAt === null ? user : undefined;
  }
}
