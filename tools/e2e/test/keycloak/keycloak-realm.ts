import { randomUUID } from 'node:crypto';

/** A person of the realm. */
export interface RealmPerson {
  readonly id: string;
  readonly username: string;
  readonly password: string;
}

/** A Keycloak on which realms can be made. */
export interface Keycloak {
  readonly url: string;
  readonly admin: string;
  readonly password: string;
}

/** The one that `npm run check:keycloak` has started or was given. */
export function findKeycloak(): Keycloak | undefined {
  const {
    CHECK_KEYCLOAK_URL: url,
    CHECK_KEYCLOAK_ADMIN: admin,
    CHECK_KEYCLOAK_PASSWORD: password,
  } = process.env;
  return url && admin && password ? { url, admin, password } : undefined;
}

/** What Keycloak needs to name the groups of somebody, the name and the e-mail address. */
const SAML_MAPPERS = [
  {
    name: 'groups',
    protocol: 'saml',
    protocolMapper: 'saml-group-membership-mapper',
    config: {
      'attribute.name': 'groups',
      'attribute.nameformat': 'Basic',
      single: 'false',
      'full.path': 'false',
    },
  },
  ...(['email', 'firstName'] as const).map((property) => ({
    name: property,
    protocol: 'saml',
    protocolMapper: 'saml-user-attribute-mapper',
    config: {
      'user.attribute': property,
      'attribute.name': property === 'email' ? 'email' : 'name',
      'attribute.nameformat': 'Basic',
    },
  })),
];

/** A realm of its own, changed as its administrator does: by the administration API. */
export class KeycloakRealm {
  readonly name = `acme-${randomUUID().slice(0, 8)}`;
  #token = '';
  #tokenUntilMs = 0;

  constructor(private readonly keycloak: Keycloak) {}

  get issuer(): string {
    return `${this.keycloak.url}/realms/${this.name}`;
  }

  /** Where the realm's SAML metadata is. */
  get descriptorUrl(): string {
    return `${this.issuer}/protocol/saml/descriptor`;
  }

  async version(): Promise<string> {
    const { systemInfo } = (await this.ask('GET', '/admin/serverinfo')) as {
      systemInfo: { version: string; javaVersion: string };
    };
    return `Keycloak ${systemInfo.version} on Java ${systemInfo.javaVersion}`;
  }

  /** Makes the realm, with people in groups and a client for OpenID Connect. */
  async create(
    oidcClient: object,
    people: readonly (RealmPerson & { groups: readonly string[] })[],
  ): Promise<void> {
    const groups = [...new Set(people.flatMap((person) => person.groups))];
    await this.ask('POST', '/admin/realms', {
      realm: this.name,
      enabled: true,
      sslRequired: 'none',
      groups: groups.map((name) => ({ name })),
      clients: [oidcClient],
      users: people.map(({ id, username, password, groups: names }) => ({
        id,
        username,
        enabled: true,
        emailVerified: true,
        email: `${username}@acme.example`,
        firstName: username,
        lastName: 'Example',
        groups: names.map((name) => `/${name}`),
        credentials: [{ type: 'password', value: password, temporary: false }],
      })),
    });
  }

  /** Makes a SAML client of what a relying party says of itself, as an administrator does who uploads it. */
  async addSamlClient(metadata: string, idpInitiatedName: string): Promise<void> {
    const client = (await this.ask('POST', this.path('/client-description-converter'), metadata)) as {
      attributes: object;
    };
    await this.ask('POST', this.path('/clients'), {
      ...client,
      attributes: {
        ...client.attributes,
        // It expects signed requests whatever the metadata says.
        'saml.client.signature': 'false',
        saml_idp_initiated_sso_url_name: idpInitiatedName,
      },
      protocolMappers: SAML_MAPPERS,
    });
  }

  async leaveGroup({ id }: RealmPerson, group: string): Promise<void> {
    const groups = (await this.ask('GET', this.path('/groups'))) as { id: string; name: string }[];
    const found = groups.find(({ name }) => name === group);
    await this.ask('DELETE', this.path(`/users/${id}/groups/${found?.id}`));
  }

  /** Ends all sessions of a person, and tells the clients. */
  async logOut({ id }: RealmPerson): Promise<void> {
    await this.ask('POST', this.path(`/users/${id}/logout`));
  }

  /** Signs with a new key from now on; the former one stays in the metadata. */
  async rotateKey(): Promise<void> {
    await this.ask('POST', this.path('/components'), {
      name: `rsa-${randomUUID()}`,
      providerId: 'rsa-generated',
      providerType: 'org.keycloak.keys.KeyProvider',
      config: { priority: ['1000'], enabled: ['true'], active: ['true'], keySize: ['2048'] },
    });
  }

  async delete(): Promise<void> {
    await this.ask('DELETE', this.path(''));
  }

  private path(rest: string): string {
    return `/admin/realms/${this.name}${rest}`;
  }

  private async ask(method: string, path: string, body?: object | string): Promise<unknown> {
    const isText = typeof body === 'string';
    const response = await fetch(this.keycloak.url + path, {
      method,
      headers: {
        authorization: `Bearer ${await this.token()}`,
        'content-type': isText ? 'text/plain' : 'application/json',
      },
      ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Keycloak: ${method} ${path} answers ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** Its tokens last a minute. */
  private async token(): Promise<string> {
    if (Date.now() < this.#tokenUntilMs) return this.#token;
    const { url, admin: username, password } = this.keycloak;
    const response = await fetch(`${url}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', username, password }),
    });
    const { access_token: token } = (await response.json()) as { access_token: string };
    [this.#token, this.#tokenUntilMs] = [token, Date.now() + 30_000];
    return token;
  }
}
