import { randomUUID } from 'node:crypto';
import {
  DEFAULT_ORGANISATION_ID,
  type InputOf,
  beginSignIn,
  deleteUser,
  describeConnection,
  finishSignIn,
  listBarred,
  listConnections,
  offerConnections,
  putConnection,
  readmitUser,
  testConnection,
  updateOrganisation,
  updateUser,
  verifySession,
} from '@causeway/contracts';
import {
  type SamlContent,
  type SamlKey,
  type SignatureMethods,
  type SignedPart,
  makeSamlKey,
  readSamlRequest,
  samlResponse,
  signSaml,
  usualMethods,
} from '@causeway/identity-provider';
import { SealedKind, newSessionToken } from '@causeway/platform';
import { waitFor } from '@causeway/testing';
import { describe, expect, it } from 'vitest';
import { SignedXml } from 'xml-crypto';
import { startAuth } from './auth.js';
import { MALLORY, VICTIM, attacks } from './saml-attacks.js';

const ROOT = 'sk-the-bootstrap-key-of-the-saml-test';
const NAME = 'acme-saml';
const ISSUER = 'https://login.acme.example/saml';
const CALLBACK = `https://causeway.example/sign-in/${NAME}/callback`;
const METADATA = `https://causeway.example/sign-in/${NAME}/metadata`;
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const SHA1 = {
  signature: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  digest: 'http://www.w3.org/2000/09/xmldsig#sha1',
};

const [{ bus, vault, admin, principalOf }, provider, next, attacker, short] = await Promise.all([
  startAuth(ROOT, { CAUSEWAY_SAML: 'on' }),
  makeSamlKey(),
  makeSamlKey('the next key'),
  makeSamlKey(),
  makeSamlKey('short', 1_024),
]);
const principal = await principalOf(ROOT);
const connect = (fields: object = {}, name = NAME) =>
  bus.request(putConnection, {
    principal,
    requestId: 'r',
    name,
    metadataUrl: `https://causeway.example/sign-in/${name}/metadata`,
    fields: { kind: 'saml', ...fields } as InputOf<typeof putConnection>['fields'],
  });
await connect({
  issuer: ISSUER,
  signInUrl: 'https://login.acme.example/sso?tenant=1',
  certificates: [provider.certificate],
});

/** Somebody has begun to sign in. */
async function begin() {
  const asked = { connection: NAME, callbackUrl: CALLBACK, returnTo: '/there' };
  const { url, ticket } = await bus.request(beginSignIn, asked);
  const request = readSamlRequest(new URL(url).searchParams.get('SAMLRequest') ?? '');
  return { url, ticket, request };
}

type Begun = Awaited<ReturnType<typeof begin>>;

const contentFor = ({ request }: Begun, more: Partial<SamlContent> = {}): SamlContent => ({
  issuer: ISSUER,
  audience: METADATA,
  recipient: CALLBACK,
  inResponseTo: request.id,
  nameId: MALLORY,
  nameIdFormat: PERSISTENT,
  attributes: { name: ['Mallory'], email: ['mallory@acme.example'], groups: ['staff'] },
  ...more,
});

interface Making {
  readonly signs?: readonly SignedPart[];
  readonly key?: SamlKey;
  readonly methods?: SignatureMethods;
}

async function make(content: SamlContent, { signs = ['Assertion'], key = provider, methods }: Making = {}) {
  let xml = samlResponse(content);
  for (const part of signs) xml = await signSaml(xml, part, key, methods);
  return xml;
}

async function finish({ ticket }: Pick<Begun, 'ticket'>, xml: string, connection = NAME) {
  const { tokenHash } = newSessionToken();
  const samlResponse = Buffer.from(xml).toString('base64');
  return { tokenHash, ...(await arrive({ ticket, samlResponse }, tokenHash, connection)) };
}

/** As the gateway sends what a browser brings. */
async function arrive(
  brought: { readonly ticket: string; readonly samlResponse?: string },
  tokenHash = newSessionToken().tokenHash,
  connection = NAME,
  sealedFor = tokenHash,
) {
  const place = { organisationId: DEFAULT_ORGANISATION_ID, kind: SealedKind.typed, id: sealedFor };
  const sealed = await vault.seal(JSON.stringify({ ...brought, currentUrl: CALLBACK }), place);
  return bus.request(finishSignIn, { connection, sealed, tokenHash, requestId: 'r' });
}

/** Who is known by now. */
async function signedIn(): Promise<string[]> {
  const { rows } = await admin.query<{ who: string }>(
    `select i.subject || ' ' || s.id as who from auth.session s join auth.identity i using (user_id) order by s.id`,
  );
  return rows.map(({ who }) => who);
}

async function expectRefused(attempt: () => Promise<unknown>, problem: RegExp, code = 'SIGN_IN_REFUSED') {
  const before = await signedIn();
  const error = await attempt().then(
    () => undefined,
    (thrown: unknown) => thrown as { code: string; message: string },
  );
  expect(error?.code).toBe(code);
  expect(error?.message).toMatch(problem);
  expect(await signedIn()).toEqual(before);
}

/** What a careless reader checks: that there is a signature of the provider, of something that is there. */
function hasValidSignature(xml: string): boolean {
  const [signature = ''] = /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(xml) ?? [];
  const first = signature.replace(/<\/ds:Signature>[\s\S]*$/, '</ds:Signature>');
  const reader = new SignedXml({ publicCert: provider.certificate });
  try {
    reader.loadSignature(first);
    return reader.checkSignature(xml);
  } catch {
    return false;
  }
}

describe('a good answer', () => {
  it.each<[string, readonly SignedPart[]]>([
    ['its assertion signed', ['Assertion']],
    ['assertion and response signed', ['Assertion', 'Response']],
  ])('signs somebody in, with %s', async (_what, signs) => {
    const begun = await begin();
    const { tokenHash, returnTo } = await finish(begun, await make(contentFor(begun), { signs }));
    expect(returnTo).toBe('/there');
    const session = await bus.request(verifySession, { tokenHash });
    expect(session.principal).toMatchObject({ kind: 'user', name: 'Mallory' });
    expect(await signedIn()).toContain(`${MALLORY} ${session.principal.sessionId}`);
    const { rows } = await admin.query(`select issuer from auth.identity where subject = $1`, [MALLORY]);
    expect(rows).toEqual([{ issuer: `${PERSISTENT} ${ISSUER}` }]);
    const user = 'select email, email_verified from auth."user" where id = $1';
    expect((await admin.query(user, [session.principal.id])).rows).toEqual([
      { email: 'mallory@acme.example', email_verified: true },
    ]);
  });

  it('signs nobody in when the connection is disabled while the answer is checked', async () => {
    const begun = await begin();
    const xml = await make(contentFor(begun));
    const lock = `hashtextextended('auth of ' || (select organisation_id from auth.connection where name = $1), 0)`;
    const waiting = `select from pg_locks where locktype = 'advisory' and not granted`;
    await admin.query(`select pg_advisory_lock(${lock})`, [NAME]);
    const attempt = expectRefused(() => finish(begun, xml), /acme-saml/, 'CONNECTION_UNKNOWN');
    await waitFor(async () => ((await admin.query(waiting)).rowCount ?? 0) > 0);
    const disable = (at: string) =>
      admin.query(`update auth.connection set disabled_at = ${at} where name = $1`, [NAME]);
    await disable('now()');
    await admin.query(`select pg_advisory_unlock(${lock})`, [NAME]);
    await attempt;
    await disable('null');
  });

  it('is asked for as the provider expects it', async () => {
    const { url, request } = await begin();
    expect(url).toMatch(/^https:\/\/login\.acme\.example\/sso\?tenant=1&SAMLRequest=/);
    expect(request).toMatchObject({ issuer: METADATA, answerUrl: CALLBACK, nameIdFormat: PERSISTENT });
    const { xml } = await bus.request(describeConnection, { connection: NAME, callbackUrl: CALLBACK });
    expect(xml).toContain(`entityID="${METADATA}"`);
    expect(xml).toContain(`Location="${CALLBACK}"`);
    expect(xml).toContain('WantAssertionsSigned="true"');
  });

  it('ends the session when the provider’s session ends', async () => {
    const begun = await begin();
    const sessionEndsAt = new Date(Date.now() + 600_000);
    const { expiresAt } = await finish(begun, await make(contentFor(begun, { sessionEndsAt })));
    expect(expiresAt).toBe(sessionEndsAt.toISOString());
  });

  it('may have clocks that differ by less than a minute', async () => {
    for (const seconds of [-330, 50]) {
      const begun = await begin();
      const now = new Date(Date.now() + seconds * 1_000);
      const { returnTo } = await finish(begun, await make(contentFor(begun, { now })));
      expect(returnTo).toBe('/there');
    }
  });

  it('is signed by any of the certificates, and by none that was replaced', async () => {
    const certificates = [provider.certificate, next.certificate];
    expect((await connect({ certificates })).kind).toBe('saml');
    const [first, second, third] = [await begin(), await begin(), await begin()];
    await finish(first, await make(contentFor(first)));
    await finish(second, await make(contentFor(second), { key: next }));
    await connect({ certificates: [next.certificate] });
    await expectRefused(async () => finish(third, await make(contentFor(third))), /Invalid signature/);
    await connect({ certificates: [provider.certificate] });
  });

  it('gives somebody with another format of name another identity', async () => {
    await connect({ nameIdFormat: 'email' });
    const begun = await begin();
    expect(begun.request.nameIdFormat).toBe(EMAIL);
    await expectRefused(async () => finish(begun, await make(contentFor(begun))), /format of its NameID/);
    await finish(begun, await make(contentFor(begun, { nameIdFormat: EMAIL })));
    const { rows } = await admin.query(`select user_id from auth.identity where subject = $1`, [MALLORY]);
    expect(rows).toHaveLength(2);
    await connect({ nameIdFormat: 'persistent' });
  });

  it('lets nobody in who was deleted here, until an administrator readmits them, as somebody new', async () => {
    const by = { principal, requestId: 'r' };
    const nameId = `gone-${randomUUID()}`;
    const signIn = async () => {
      const begun = await begin();
      return finish(begun, await make(contentFor(begun, { nameId })));
    };
    const idOf = async (tokenHash: string) => (await bus.request(verifySession, { tokenHash })).principal.id;
    const userId = await idOf((await signIn()).tokenHash);
    await bus.request(updateUser, { ...by, userId, disabled: true });
    await bus.request(deleteUser, { ...by, userId });
    await expectRefused(signIn, new RegExp(`users readmit ${userId}`), 'PERSON_BARRED');
    const barred = async () => (await bus.request(listBarred, { principal, page: { limit: 500 } })).items;
    expect((await barred()).filter((one) => one.userId === userId)).toEqual([
      {
        userId,
        connection: NAME,
        deletedAt: expect.any(String),
        deletedBy: { kind: 'user', id: principal.id, name: principal.name },
      },
    ]);
    const { rows } = await admin.query(
      `select b::text as text from auth.barred_person b where user_id = $1`,
      [userId],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.['text']).not.toMatch(/gone-|Mallory|acme\.example/);
    // Somebody else of the same provider is not meant.
    const other = await begin();
    await finish(other, await make(contentFor(other, { nameId: `new-${randomUUID()}` })));
    expect(await bus.request(readmitUser, { ...by, userId })).toEqual({ connections: [NAME] });
    await expect(bus.request(readmitUser, { ...by, userId })).rejects.toMatchObject({
      code: 'BARRED_UNKNOWN',
    });
    expect(await idOf((await signIn()).tokenHash)).not.toBe(userId);
    const told = await admin.query<{ payload: string }>(
      `select payload from auth.outbox where payload like '%readmitted%' and payload like '%' || $1 || '%'`,
      [userId],
    );
    expect(told.rows.map(({ payload }) => JSON.parse(payload) as object)).toMatchObject([
      { action: 'user.update', object: { id: userId }, detail: { connections: [NAME] } },
    ]);
  });

  it('that a provider made with a thousand groups is read in a moment', async () => {
    const begun = await begin();
    const groups = Array.from({ length: 1_000 }, (_, at) => `group number ${at}`);
    const xml = await make(contentFor(begun, { attributes: { groups } }));
    expect((await finish(begun, xml)).returnTo).toBe('/there');
  });
});

describe('a forged answer signs nobody in', () => {
  it.each(Object.entries(attacks))(
    'N42: %s',
    async (_name, { signs, forge, problem, isSignatureValid = true }) => {
      const begun = await begin();
      const good = await make(contentFor(begun), { signs: [signs] });
      expect(hasValidSignature(good)).toBe(true);
      const forged = await forge(good, { provider, attacker });
      if (isSignatureValid !== 'unreadable') expect(hasValidSignature(forged)).toBe(isSignatureValid);
      await expectRefused(() => finish(begun, forged), problem);
      const { rows } = await admin.query(`select from auth.identity where subject = $1`, [VICTIM]);
      expect(rows).toEqual([]);
    },
  );

  const wrong: readonly (readonly [string, Partial<SamlContent>, RegExp])[] = [
    ['wrong Audience', { audience: 'https://elsewhere.example' }, /Audience|audience/],
    ['wrong Recipient', { recipient: 'https://elsewhere.example/callback' }, /Destination/],
    ['wrong InResponseTo', { inResponseTo: '_another' }, /InResponseTo/],
    ['no InResponseTo: the provider began', { inResponseTo: undefined }, /begin the sign-in here/],
    ['wrong issuer', { issuer: 'https://evil.example' }, /another identity provider/],
    ['expired', { now: new Date(Date.now() - 600_000) }, /expired/],
    ['not valid yet', { now: new Date(Date.now() + 600_000) }, /not yet valid|not valid yet/],
    ['a session that is over', { sessionEndsAt: new Date(Date.now() - 1_000) }, /session has ended already/],
    [
      'transient NameID',
      { nameIdFormat: `${PERSISTENT.replace('persistent', 'transient')}` },
      /transient NameID/,
    ],
    ['empty NameID', { nameId: '' }, /NameID is empty/],
  ];
  it.each(wrong)('N42: %s', async (_name, more, problem) => {
    const begun = await begin();
    await expectRefused(async () => finish(begun, await make(contentFor(begun, more))), problem);
  });

  // What stands outside of the signed assertion says nothing: here the response says what is expected, and the assertion does not.
  it.each([
    ['Recipient', ` Recipient="${CALLBACK}"`, ' Recipient="https://elsewhere.example"', /Recipient/],
    ['no Recipient', ` Recipient="${CALLBACK}"`, '', /Recipient/],
    [
      'InResponseTo',
      /(<saml:SubjectConfirmationData[^>]*) InResponseTo="[^"]*"/,
      '$1 InResponseTo="_another"',
      /InResponseTo/,
    ],
    ['no InResponseTo', /(<saml:SubjectConfirmationData[^>]*) InResponseTo="[^"]*"/, '$1', /InResponseTo/],
    [
      'no end',
      /(<saml:SubjectConfirmationData[^>]*) NotOnOrAfter="[^"]*"/,
      '$1',
      /NotOnOrAfter|subject confirmation/,
    ],
    ['another method', 'cm:bearer', 'cm:holder-of-key', /not confirmed by bringing it/],
    ['no audience', /<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/, '', /AudienceRestriction/],
    [
      'a condition that nobody knows',
      '</saml:Conditions>',
      '<saml:Condition/></saml:Conditions>',
      /not understood/,
    ],
    ['no sign-in', /<saml:AuthnStatement.*<\/saml:AuthnStatement>/, '', /AuthnStatement/],
    ['two names', /(<saml:NameID.*<\/saml:NameID>)/, '$1$1', /2 NameID/],
    ['no name, but an attribute that is called nameID', /<saml:NameID.*<\/saml:NameID>/, '', /no NameID/],
    [
      'a name of other qualifiers',
      '<saml:NameID ',
      '<saml:NameID NameQualifier="https://other.example" ',
      /NameQualifier/,
    ],
    [
      'another issuer',
      /(<saml:Assertion[^>]*><saml:Issuer>)[^<]*/,
      '$1https://evil.example',
      /another identity provider/,
    ],
  ] as const)('N42: inner: %s in a signed assertion', async (_name, what, by, problem) => {
    const begun = await begin();
    const attributes = { nameID: [VICTIM], groups: ['staff'] };
    const plain = samlResponse(contentFor(begun, { attributes }));
    const changed = plain.replace(what, by);
    expect(changed).not.toBe(plain);
    await expectRefused(async () => finish(begun, await signSaml(changed, 'Assertion', provider)), problem);
  });

  it.each<[string, Partial<SignatureMethods>]>([
    ['a SHA-1 signature', { signature: SHA1.signature }],
    ['a SHA-1 digest', { digest: SHA1.digest }],
    [
      'canonicalization that keeps comments',
      { canonicalization: `${usualMethods.canonicalization}WithComments` },
    ],
  ])('N42: weak: %s', async (_name, change) => {
    const begun = await begin();
    const xml = await make(contentFor(begun), { methods: { ...usualMethods, ...change } });
    expect(hasValidSignature(xml)).toBe(true);
    await expectRefused(() => finish(begun, xml), /which is not accepted/);
  });

  it('N42: status: the provider says that it could not sign anybody in', async () => {
    const begun = await begin();
    const xml = samlResponse(contentFor(begun)).replace('status:Success', 'status:AuthnFailed');
    await expectRefused(() => finish(begun, xml), /could not sign anybody in \(AuthnFailed\)/);
  });

  it('N42: replay: one assertion signs in once, also at the same moment', async () => {
    const begun = await begin();
    const xml = await make(contentFor(begun));
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => finish(begun, xml)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expectRefused(() => finish(begun, xml), /same assertion before/);
  });

  it('N42: replay: an answer to one browser is not accepted from another one', async () => {
    const [mine, theirs] = [await begin(), await begin()];
    await expectRefused(async () => finish(theirs, await make(contentFor(mine))), /InResponseTo/);
  });

  it('at another connection, whatever the ticket', async () => {
    await connect(
      { issuer: ISSUER, signInUrl: 'https://login.acme.example/sso', certificates: [provider.certificate] },
      'other-saml',
    );
    const begun = await begin();
    const attempt = async () => finish(begun, await make(contentFor(begun)), 'other-saml');
    await expectRefused(attempt, /./, 'SIGN_IN_EXPIRED');
  });

  it('N24: that was sealed for the session of another browser', async () => {
    const begun = await begin();
    const answer = Buffer.from(await make(contentFor(begun))).toString('base64');
    const brought = { ticket: begun.ticket, samlResponse: answer };
    const [mine, theirs] = [newSessionToken().tokenHash, newSessionToken().tokenHash];
    await expect(arrive(brought, mine, NAME, theirs)).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
    expect(await arrive(brought)).toMatchObject({ returnTo: '/there' });
  });

  it('that is no base64, or no UTF-8', async () => {
    const { ticket } = await begin();
    await expectRefused(() => arrive({ ticket, samlResponse: '<x/>' }), /no base64/);
    await expectRefused(() => arrive({ ticket, samlResponse: '/////w==' }), /no UTF-8/);
    await expectRefused(() => arrive({ ticket }), /no SAML response/);
  });
});

describe('a SAML connection', () => {
  it('is read from the metadata of the provider', async () => {
    const base64 = next.certificate.replaceAll(/-----[^-]+-----|\s/g, '');
    const key = (use: string) =>
      `<md:KeyDescriptor${use}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n${base64}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`;
    const describe = (inside: string) =>
      `<?xml version="1.0"?><!-- a comment --><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="urn:acme:idp"><md:IDPSSODescriptor>${inside}</md:IDPSSODescriptor></md:EntityDescriptor>`;
    const service = (binding: string) =>
      `<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-${binding}" Location="https://idp.example/${binding}"/>`;
    const name = `m-${randomUUID()}`;
    const metadata = describe(key(' use="signing"') + key('') + service('POST') + service('Redirect'));
    expect(await connect({ metadata, attributes: { groups: 'memberOf' } }, name)).toMatchObject({
      kind: 'saml',
      issuer: 'urn:acme:idp',
      signInUrl: 'https://idp.example/Redirect',
      clientId: `https://causeway.example/sign-in/${name}/metadata`,
      nameIdFormat: 'persistent',
      attributes: { name: 'name', email: 'email', groups: 'memberOf' },
      certificates: [{ fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string }],
    });
    const unreadable = { code: 'METADATA_UNREADABLE' };
    for (const text of [
      describe(key('')),
      describe(service('Redirect')),
      describe(key('') + service('Redirect'))
        .replace('IDPSSO', 'SPSSO')
        .replace('IDPSSO', 'SPSSO'),
      '<x>',
      `<!DOCTYPE x>${metadata}`,
      metadata.replace('https://idp.example/Redirect', 'javascript:alert(1)'),
      metadata.replace('https://idp.example/Redirect', 'http://idp.example/Redirect'),
      metadata.replace('urn:acme:idp', 'x'.repeat(501)),
    ])
      await expect(connect({ metadata: text }, name)).rejects.toMatchObject(unreadable);
  });

  it.each([
    ['no certificate', 'hello', /no certificate/],
    ['a private key', provider.privateKey, /no certificate/],
    ['two in one text', provider.certificate + next.certificate, /several/],
    ['a key that is too short', short.certificate, /1024 bits/],
  ])('refuses %s as a certificate', async (_name, certificate, problem) => {
    const attempt = connect({ certificates: [certificate] });
    await expect(attempt).rejects.toMatchObject({ code: 'CERTIFICATE_UNUSABLE', message: problem });
  });

  it('stays of its kind, and says what it lacks', async () => {
    const oidc = { kind: 'oidc', issuer: 'https://a.example', clientId: 'c' };
    await expect(connect(oidc)).rejects.toMatchObject({ code: 'CONNECTION_OF_OTHER_KIND' });
    const bare = connect({ issuer: ISSUER }, `b-${randomUUID()}`);
    await expect(bare).rejects.toMatchObject({ code: 'SAML_INCOMPLETE', message: /lacks signInUrl/ });
  });

  it('is enough for enforcing SSO', async () => {
    const by = { principal, requestId: 'r' };
    const { ssoEnforcedAt } = await bus.request(updateOrganisation, { ...by, ssoEnforced: true });
    expect(ssoEnforcedAt).not.toBeNull();
    await bus.request(updateOrganisation, { ...by, ssoEnforced: false });
  });

  it('is listed, tested and offered like any other', async () => {
    const { items } = await bus.request(listConnections, { principal });
    const shown = items.find(({ name }) => name === NAME);
    expect(shown).toMatchObject({ kind: 'saml', issuer: ISSUER, clientId: METADATA });
    expect(JSON.stringify(shown)).not.toContain('sealed');
    const tested = await bus.request(testConnection, { principal, name: NAME });
    expect(tested).toMatchObject({ keys: 1, endsSessions: false, certificates: [{}] });
    const offered = await bus.request(offerConnections, {});
    expect(offered.items.map(({ name }) => name)).toContain(NAME);
  });
});
