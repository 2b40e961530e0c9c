import {
  type KeyObject,
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  sign,
  verify,
} from 'node:crypto';
import { causewayError } from '@causeway/contracts';
import type { KeyAnswer, KeyQuestion } from '@causeway/contracts';
import type { TrustedKeys } from '../identity/keys.js';
import { KEY_BYTES } from './row-key.js';

/** The key of an answer is used once, so its nonce may be fixed. */
const NONCE = Buffer.alloc(12);
const TAG_BYTES = 16;

/** A question that was sent, and what opens its answer. */
export interface OpenQuestion {
  readonly question: KeyQuestion;
  /** @throws CausewayError SENDER_REFUSED for an answer that the answering service has not signed for this question */
  open(answer: KeyAnswer): Buffer;
}

/**
 * Sends keys from one service to another, encrypted for the asking process alone: both make an X25519 key for this exchange and sign it
 * with the key of their service. So neither who listens on the bus nor who copies a sender's token learns a key, and nobody else
 * can give a service a key to seal with.
 *
 * Source: RFC 7748 (X25519); Krawczyk 2003, “SIGMA”.
 */
export class KeyExchange {
  readonly #service: string;
  readonly #signingKey: KeyObject;
  readonly #trusted: TrustedKeys;

  /** @param service  whose messages the signing key signs */
  constructor(service: string, signingKey: KeyObject, trusted: TrustedKeys) {
    this.#service = service;
    this.#signingKey = signingKey;
    this.#trusted = trusted;
  }

  /**
   * @param answerer  the service that is asked
   * @param about     what is asked for; both sides must say the same
   */
  ask(answerer: string, about: string): OpenQuestion {
    const { publicKey, privateKey } = generateKeyPairSync('x25519');
    const own = textOf(publicKey);
    const question: KeyQuestion = {
      service: this.#service,
      publicKey: own,
      signature: this.#sign(questionText(this.#service, own, about)),
    };
    return {
      question,
      open: (answer) => {
        this.#verify(
          answerer,
          answerText(question, answer, about),
          answer.signature,
          'the answer with a key',
        );
        const key = sharedKey(privateKey, answer.publicKey, question, answer);
        const bytes = Buffer.from(answer.sealed, 'base64url');
        const decipher = createDecipheriv('aes-256-gcm', key, NONCE);
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]);
      },
    };
  }

  /** Checks who asks. @throws CausewayError SENDER_REFUSED */
  check(question: KeyQuestion, about: string): void {
    const { service, publicKey, signature } = question;
    this.#verify(service, questionText(service, publicKey, about), signature, 'the question for a key');
  }

  /** Encrypts a content for a process whose question was checked. */
  answer(question: KeyQuestion, about: string, content: Buffer): KeyAnswer {
    const { publicKey, privateKey } = generateKeyPairSync('x25519');
    const own = { publicKey: textOf(publicKey) };
    const cipher = createCipheriv(
      'aes-256-gcm',
      sharedKey(privateKey, question.publicKey, question, own),
      NONCE,
    );
    const sealed = Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
    const unsigned = { ...own, sealed: sealed.toString('base64url') };
    return { ...unsigned, signature: this.#sign(answerText(question, unsigned, about)) };
  }

  #sign(text: Buffer): string {
    return sign(null, text, this.#signingKey).toString('base64url');
  }

  #verify(service: string, text: Buffer, signature: string, subject: string): void {
    const keys = this.#trusted.get(service) ?? [];
    const bytes = Buffer.from(signature, 'base64url');
    if (keys.some((key) => verify(null, text, key, bytes))) return;
    throw causewayError('SENDER_REFUSED', { subject, problem: `it is not signed by ${service}` });
  }
}

function questionText(service: string, publicKey: string, about: string): Buffer {
  return Buffer.from(JSON.stringify(['causeway key question', service, publicKey, about]));
}

function answerText(question: KeyQuestion, answer: Omit<KeyAnswer, 'signature'>, about: string): Buffer {
  const { service, publicKey } = question;
  return Buffer.from(
    JSON.stringify(['causeway key answer', service, publicKey, answer.publicKey, answer.sealed, about]),
  );
}

function sharedKey(
  privateKey: KeyObject,
  theirs: string,
  question: KeyQuestion,
  answer: Pick<KeyAnswer, 'publicKey'>,
): Buffer {
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: theirs }, format: 'jwk' });
  const secret = diffieHellman({ privateKey, publicKey });
  const salt = Buffer.from(`${question.publicKey}.${answer.publicKey}`);
  return Buffer.from(hkdfSync('sha256', secret, salt, 'causeway key exchange', KEY_BYTES));
}

function textOf(publicKey: KeyObject): string {
  return String(publicKey.export({ format: 'jwk' }).x);
}
