import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { publicKeyOf, readSigningKey, readTrustedKeys } from '../identity/keys.js';
import { KeyExchange } from './key-exchange.js';

const seeds = { auth: randomBytes(32).toString('base64'), gateway: randomBytes(32).toString('base64') };
const trusted = readTrustedKeys(
  Object.entries(seeds)
    .map(([name, seed]) => `${name}=${publicKeyOf(seed)}`)
    .join(','),
);
const auth = new KeyExchange('auth', readSigningKey(seeds.auth), trusted);
const gateway = new KeyExchange('gateway', readSigningKey(seeds.gateway), trusted);
/** Somebody on the bus without a key of a service. */
const stranger = new KeyExchange('auth', readSigningKey(randomBytes(32).toString('base64')), trusted);
const content = Buffer.from('the data key');

test('what is answered opens for who asked, and shows nothing on its way', () => {
  const { question, open } = gateway.ask('auth', 'key 1');
  auth.check(question, 'key 1');
  const answer = auth.answer(question, 'key 1', content);
  expect(open(answer)).toEqual(content);
  expect(JSON.stringify([question, answer])).not.toContain(content.toString('base64url'));
  expect(auth.answer(question, 'key 1', content).sealed).not.toBe(answer.sealed);
});

test('an answer does not open for another question, nor when another service or nobody signed it', () => {
  const [one, other] = [gateway.ask('auth', 'key 1'), gateway.ask('auth', 'key 1')];
  const answer = auth.answer(one.question, 'key 1', content);
  expect(() => other.open(answer)).toThrow('not signed by auth');
  for (const wrong of [
    { ...answer, sealed: auth.answer(one.question, 'key 1', randomBytes(12)).sealed },
    stranger.answer(one.question, 'key 1', content),
    gateway.answer(one.question, 'key 1', content),
    auth.answer(one.question, 'key 2', content),
  ])
    expect(() => one.open(wrong)).toThrow('not signed by auth');
});

test('a question is refused when its key, its subject or its service is another than was signed', () => {
  const { question } = gateway.ask('auth', 'key 1');
  const { publicKey } = gateway.ask('auth', 'key 1').question;
  expect(() => auth.check({ ...question, publicKey }, 'key 1')).toThrow('not signed by gateway');
  expect(() => auth.check(question, 'key 2')).toThrow('not signed by gateway');
  expect(() => auth.check({ ...question, service: 'auth' }, 'key 1')).toThrow('not signed by auth');
  expect(() => auth.check({ ...question, service: 'nobody' }, 'key 1')).toThrow('not signed by nobody');
});
