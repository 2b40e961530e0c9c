import {
  beginSignIn,
  deleteConnection,
  describeConnection,
  offerConnections,
  putConnection,
  testConnection,
  updateOrganisation,
} from '@causeway/contracts';
import { makeSamlKey } from '@causeway/identity-provider';
import { expect, it } from 'vitest';
import { startAuth } from './auth.js';

const ROOT = 'sk-the-bootstrap-key-of-the-saml-off-test';
const NAME = 'acme-saml';
const OFF = { code: 'SAML_OFF', message: /CAUSEWAY_SAML=on/ };

const [{ bus, admin, principalOf }, { certificate }] = await Promise.all([startAuth(ROOT), makeSamlKey()]);
const principal = await principalOf(ROOT);
const by = { principal, requestId: 'r' };

it('is off unless a setting says otherwise, and its connections can then only be disabled and removed', async () => {
  const put = (fields: object = {}) =>
    bus.request(putConnection, { ...by, name: NAME, fields: { kind: 'saml', ...fields } });
  const issuer = 'https://login.acme.example/saml';
  const whole = { issuer, signInUrl: issuer, certificates: [certificate], clientId: 'causeway' };
  await expect(put(whole)).rejects.toMatchObject(OFF);
  await put({ ...whole, disabled: true });
  await admin.query(`update auth.connection set disabled_at = null`);
  const callbackUrl = `https://causeway.example/sign-in/${NAME}/callback`;
  const begin = bus.request(beginSignIn, { connection: NAME, callbackUrl, returnTo: '/' });
  await expect(begin).rejects.toMatchObject(OFF);
  await expect(bus.request(describeConnection, { connection: NAME, callbackUrl })).rejects.toMatchObject(OFF);
  await expect(bus.request(testConnection, { principal, name: NAME })).rejects.toMatchObject(OFF);
  expect(await bus.request(offerConnections, {})).toEqual({ items: [] });
  const enforce = bus.request(updateOrganisation, { ...by, ssoEnforced: true });
  await expect(enforce).rejects.toMatchObject({ code: 'SSO_WITHOUT_CONNECTION' });
  expect((await put({ disabled: true })).disabledAt).not.toBeNull();
  await bus.request(deleteConnection, { ...by, name: NAME });
});
