import { inflateRawSync } from 'node:zlib';
import { Parser } from 'htmlparser2';

/** What a relying party asks for. */
export interface SamlRequest {
  readonly id: string;
  /** Who asks. */
  readonly issuer: string;
  /** Where the answer goes. */
  readonly answerUrl: string;
  /** Which format of name is wished. */
  readonly nameIdFormat: string | undefined;
}

const MOST_BYTES = 64 * 1024;

/** Reads a request of the redirect binding. @throws Error when it is none */
export function readSamlRequest(deflated: string): SamlRequest {
  const xml = inflateRawSync(Buffer.from(deflated, 'base64'), { maxOutputLength: MOST_BYTES }).toString(
    'utf8',
  );
  let request: Record<string, string> | undefined;
  let format: string | undefined;
  let issuer = '';
  let isIssuer = false;
  const parser = new Parser(
    {
      onopentag: (tag, attributes) => {
        const name = tag.replace(/^.*:/, '');
        if (name === 'AuthnRequest') request = attributes;
        if (name === 'NameIDPolicy') format = attributes['Format'];
        isIssuer = name === 'Issuer';
      },
      ontext: (text) => {
        if (isIssuer) issuer += text;
      },
      onclosetag: () => {
        isIssuer = false;
      },
    },
    { xmlMode: true },
  );
  parser.end(xml);
  const { ID: id, AssertionConsumerServiceURL: answerUrl } = request ?? {};
  if (id === undefined || answerUrl === undefined) throw new Error('This is no SAML request.');
  return { id, issuer, answerUrl, nameIdFormat: format };
}
