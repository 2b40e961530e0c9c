import { X509Certificate } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { SignedXml } from 'xml-crypto';
import { afterAll, expect, test } from 'vitest';
import { type Page, Visitor, findForms, startSamlProvider, submitSignIn } from '../src/index.js';

const ann = {
  subject: 'ann-1',
  name: 'Ann <1>',
  email: 'ann@example.com',
  groups: ['staff'],
  password: 'secret',
};
const party = { entityId: 'https://app.example/metadata', answerUrl: 'https://app.example/answer' };
const provider = await startSamlProvider({
  people: [ann],
  parties: [party],
  signs: ['Assertion', 'Response'],
});
afterAll(() => provider.close());

/** The address to which a relying party sends the browser. */
function asking(issuer: string, answerUrl: string, more = ''): string {
  const xml = `<p:AuthnRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" AssertionConsumerServiceURL="${answerUrl}"><i:Issuer xmlns:i="urn:oasis:names:tc:SAML:2.0:assertion">${issuer}</i:Issuer>${more}</p:AuthnRequest>`;
  const query = { SAMLRequest: deflateRawSync(xml).toString('base64'), RelayState: 'the state' };
  return `${provider.signInUrl}?${new URLSearchParams(query)}`;
}

const certificate = (): X509Certificate => {
  const [, base64 = ''] = /<X509Certificate>([^<]*)</.exec(provider.metadata()) ?? [];
  return new X509Certificate(Buffer.from(base64, 'base64'));
};

async function answerOf(
  page: Page,
): Promise<{ xml: string; relayState: string | undefined; action: string }> {
  const [form] = findForms(page);
  const xml = Buffer.from(form?.fields['SAMLResponse'] ?? '', 'base64').toString('utf8');
  return { xml, relayState: form?.fields['RelayState'], action: form?.action ?? '' };
}

test('answers a known relying party about whoever signs in, signed with the key of its metadata', async () => {
  const visitor = new Visitor();
  const asked = await visitor.get(asking(party.entityId, party.answerUrl));
  const { xml, relayState, action } = await answerOf(
    await submitSignIn(visitor, asked, ann.email, ann.password),
  );
  expect([relayState, action]).toEqual(['the state', party.answerUrl]);
  expect(xml).toContain('InResponseTo="_1"');
  expect(xml).toContain('nameid-format:persistent">ann-1<');
  expect(xml).toContain('>Ann &lt;1&gt;<');
  const signatures = xml.match(/<ds:Signature[\s\S]*?<\/ds:Signature>/g) ?? [];
  expect(signatures).toHaveLength(2);
  for (const signature of signatures) {
    const reader = new SignedXml({ publicCert: certificate().toString() });
    reader.loadSignature(signature);
    expect(reader.checkSignature(xml)).toBe(true);
  }
});

test('calls people by their address where that is asked for', async () => {
  const format = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
  const visitor = new Visitor();
  const asked = await visitor.get(
    asking(party.entityId, party.answerUrl, `<p:NameIDPolicy Format="${format}"/>`),
  );
  const { xml } = await answerOf(await submitSignIn(visitor, asked, ann.email, ann.password));
  expect(xml).toContain(`${format}">${ann.email}<`);
});

test('asks again after a wrong password, and answers nobody whom it does not know', async () => {
  const visitor = new Visitor();
  const asked = await visitor.get(asking(party.entityId, party.answerUrl));
  const wrong = await submitSignIn(visitor, asked, ann.email, 'wrong');
  expect(wrong.body).toContain('The user name or the password is wrong.');
  for (const address of [
    asking('https://evil.example', party.answerUrl),
    asking(party.entityId, 'https://evil.example/answer'),
    provider.signInUrl,
  ])
    expect((await visitor.get(address)).status).toBe(400);
});

test('signs with another key after a rotation, which its metadata then names', async () => {
  const former = certificate();
  const pem = await provider.rotateKey();
  expect(certificate().fingerprint256).toBe(new X509Certificate(pem).fingerprint256);
  expect(certificate().fingerprint256).not.toBe(former.fingerprint256);
});
