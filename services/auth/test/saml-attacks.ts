import { type SamlKey, signSaml } from '@causeway/identity-provider';

/** Makes a forged response out of a good one, whose assertion is signed, or whose response is. */
export interface Attack {
  /** What is signed in the good response. */
  readonly signs: 'Assertion' | 'Response';
  readonly forge: (xml: string, keys: Keys) => string | Promise<string>;
  /** What the refusal says. */
  readonly problem: RegExp;
  /** Whether a signature of the provider in it is still valid, so that only looking at the right place helps. `unreadable`: it is no XML. @default true */
  readonly isSignatureValid?: boolean | 'unreadable';
}

interface Keys {
  /** The provider's, for what only the provider could sign. */
  readonly provider: SamlKey;
  readonly attacker: SamlKey;
}

/** Who signs in, and who is pretended to. */
export const MALLORY = 'mallory-1';
export const VICTIM = 'victim-1';

/** The pieces of a good response. */
function split(xml: string) {
  const [assertion = ''] = /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(xml) ?? [];
  const [signature = ''] = /<ds:Signature[\s\S]*?<\/ds:Signature>/.exec(xml) ?? [];
  const bare = assertion.replace(signature, '');
  return { assertion, signature, bare, forged: forge(bare) };
}

/** Other elements with the victim's name. */
function forge(xml: string): string {
  let count = 0;
  return xml.replaceAll(MALLORY, VICTIM).replaceAll(/ ID="[^"]*"/g, () => ` ID="_forged${(count += 1)}"`);
}

/** The whole response with the victim's name and without a signature. */
function forgeResponse(xml: string): string {
  return forge(xml.replace(split(xml).signature, ''));
}

const inFirst = (xml: string, name: string, what: string): string =>
  xml.replace(new RegExp(`(<${name}[^>]*>)`), `$1${what}`);
const inLast = (xml: string, name: string, what: string): string =>
  xml.replace(new RegExp(`(</${name}>)$`), `${what}$1`);
const NO_PLACE = /not where it belongs|2 assertions|another response|more than a signature/;

/** Source of XSW1 to XSW8: Somorovsky et al. 2012, “On Breaking SAML: Be Whoever You Want to Be”. */
export const attacks: Readonly<Record<string, Attack>> = {
  'XSW1: the signed response in the signature of a forged one': {
    signs: 'Response',
    forge: (xml) => {
      const { signature } = split(xml);
      const original = xml.replace(signature, '');
      const around = signature.replace('</ds:Signature>', `${original}</ds:Signature>`);
      return inFirst(forgeResponse(xml), 'samlp:Response', around);
    },
    problem: NO_PLACE,
  },
  'XSW2: the signed response beside the signature in a forged one': {
    signs: 'Response',
    forge: (xml) => {
      const { signature } = split(xml);
      return inFirst(forgeResponse(xml), 'samlp:Response', xml.replace(signature, '') + signature);
    },
    problem: NO_PLACE,
  },
  'XSW3: a forged assertion before the signed one': {
    signs: 'Assertion',
    forge: (xml) => xml.replace('<saml:Assertion', `${split(xml).forged}<saml:Assertion`),
    problem: NO_PLACE,
  },
  'XSW4: the signed assertion inside a forged one': {
    signs: 'Assertion',
    forge: (xml) => {
      const { assertion, forged } = split(xml);
      return xml.replace(assertion, inLast(forged, 'saml:Assertion', assertion));
    },
    problem: NO_PLACE,
  },
  'XSW5: the signature in a forged assertion, the signed one behind it': {
    signs: 'Assertion',
    forge: (xml) => {
      const { assertion, signature, bare, forged } = split(xml);
      return xml.replace(assertion, inFirst(forged, 'saml:Assertion', signature) + bare);
    },
    problem: NO_PLACE,
  },
  'XSW6: the signature in a forged assertion, the signed one in the signature': {
    signs: 'Assertion',
    forge: (xml) => {
      const { assertion, signature, bare, forged } = split(xml);
      const around = signature.replace('</ds:Signature>', `${bare}</ds:Signature>`);
      return xml.replace(assertion, inFirst(forged, 'saml:Assertion', around));
    },
    problem: NO_PLACE,
  },
  'XSW7: a forged assertion in the extensions': {
    signs: 'Assertion',
    forge: (xml) => {
      const { assertion, forged } = split(xml);
      return xml.replace(assertion, `<samlp:Extensions>${forged}</samlp:Extensions>${assertion}`);
    },
    problem: NO_PLACE,
  },
  'XSW8: the signed assertion in an object of the signature of a forged one': {
    signs: 'Assertion',
    forge: (xml) => {
      const { assertion, signature, bare, forged } = split(xml);
      const around = signature.replace('</ds:Signature>', `<ds:Object>${bare}</ds:Object></ds:Signature>`);
      return xml.replace(assertion, inFirst(forged, 'saml:Assertion', around));
    },
    problem: NO_PLACE,
  },
  'two assertions: both signed by the provider': {
    signs: 'Assertion',
    forge: async (xml, { provider }) => {
      const { forged, assertion } = split(xml);
      const only = await signSaml(xml.replace(assertion, forged), 'Assertion', provider);
      return xml.replace('</samlp:Response>', `${split(only).assertion}</samlp:Response>`);
    },
    problem: /2 assertions/,
  },
  'same id: a forged element with the id of the signed one': {
    signs: 'Assertion',
    forge: (xml) => {
      const [, id = ''] = / ID="([^"]*)"/.exec(split(xml).assertion) ?? [];
      return xml.replace(
        '<samlp:Status>',
        `<samlp:Extensions><x ID="${id}"/></samlp:Extensions><samlp:Status>`,
      );
    },
    problem: /the same id/,
    // The library that verifies signatures finds two elements.
    isSignatureValid: false,
  },
  'comment in NameID': {
    signs: 'Assertion',
    forge: (xml) => xml.replace(`>${MALLORY}<`, `>${MALLORY.slice(0, 4)}<!-- -->${MALLORY.slice(4)}<`),
    problem: /holds a comment/,
  },
  'CDATA in NameID': {
    signs: 'Assertion',
    forge: (xml) => xml.replace(`>${MALLORY}<`, `><![CDATA[${MALLORY}]]><`),
    problem: /holds a CDATA section/,
  },
  'processing instruction in NameID': {
    signs: 'Assertion',
    forge: (xml) => xml.replace(`>${MALLORY}<`, `>${MALLORY}<?x y?><`),
    problem: /holds a processing instruction/,
    isSignatureValid: false,
  },
  'comment in DigestValue': {
    signs: 'Assertion',
    forge: (xml) => xml.replace(/<ds:DigestValue>/, '<ds:DigestValue><!--forged-->'),
    problem: /holds a comment/,
  },
  'element in DigestValue': {
    signs: 'Assertion',
    forge: (xml) => xml.replace(/<ds:DigestValue>/, '<ds:DigestValue><x>forged</x>'),
    problem: /digest of one of its signatures holds more/,
    isSignatureValid: false,
  },
  'two SignedInfo': {
    signs: 'Assertion',
    forge: (xml) => {
      const [info = ''] = /<ds:SignedInfo>[\s\S]*<\/ds:SignedInfo>/.exec(xml) ?? [];
      return xml.replace(info, forge(info) + info);
    },
    problem: /2 SignedInfo/,
    isSignatureValid: false,
  },
  'two references': {
    signs: 'Assertion',
    forge: (xml) => {
      const [reference = ''] = /<ds:Reference[\s\S]*<\/ds:Reference>/.exec(xml) ?? [];
      return xml.replace(reference, reference + reference);
    },
    problem: /2 Reference/,
    isSignatureValid: false,
  },
  'embedded certificate: signed by the attacker, with the attacker’s certificate inside': {
    signs: 'Assertion',
    forge: (xml, { attacker }) => signSaml(forgeResponse(xml), 'Assertion', attacker),
    problem: /Invalid signature/,
    isSignatureValid: false,
  },
  'changed: the name is another one than was signed': {
    signs: 'Assertion',
    forge: (xml) => xml.replaceAll(MALLORY, VICTIM),
    problem: /Invalid signature/,
    isSignatureValid: false,
  },
  unsigned: {
    signs: 'Assertion',
    forge: forgeResponse,
    problem: /assertion is not signed/,
    isSignatureValid: false,
  },
  'signed response with an unsigned assertion': {
    signs: 'Response',
    forge: (xml) => xml,
    problem: /assertion is not signed/,
  },
  'signature by a key that only the message names': {
    signs: 'Assertion',
    forge: (xml, { attacker }) =>
      xml
        .replace(
          /(<ds:X509Certificate>)[^<]*/,
          `$1${attacker.certificate.replaceAll(/-----[^-]+-----|\s/g, '')}`,
        )
        .replaceAll(MALLORY, VICTIM),
    problem: /Invalid signature/,
    isSignatureValid: false,
  },
  'document type': {
    signs: 'Assertion',
    forge: (xml) => `<!DOCTYPE samlp:Response [<!ENTITY who "${VICTIM}">]>${xml}`,
    problem: /document type or an entity/,
  },
  'entities that multiply': {
    signs: 'Assertion',
    forge: (xml) =>
      `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${'bcdefghij'.replaceAll(/./g, (name, at: number) => `<!ENTITY ${name} "${`&${'abcdefghi'[at]};`.repeat(10)}">`)}]>${xml.replace(MALLORY, '&j;')}`,
    problem: /document type or an entity/,
    isSignatureValid: 'unreadable',
  },
  'external entity': {
    signs: 'Assertion',
    forge: (xml) => `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>${xml.replace(MALLORY, '&f;')}`,
    problem: /document type or an entity/,
    isSignatureValid: 'unreadable',
  },
  'encrypted assertion': {
    signs: 'Response',
    forge: (xml) => xml.replace(split(xml).assertion, '<saml:EncryptedAssertion/>'),
    problem: /encrypted, which is not supported/,
    isSignatureValid: false,
  },
  'two documents': {
    signs: 'Assertion',
    forge: (xml) => xml + forgeResponse(xml),
    problem: /no well-formed XML/,
    isSignatureValid: 'unreadable',
  },
  'deep: a thousand elements inside each other': {
    signs: 'Assertion',
    forge: (xml) => inFirst(xml, 'samlp:Response', '<x>'.repeat(1_000) + '</x>'.repeat(1_000)),
    problem: /inside each other/,
  },
  'character that XML does not have': {
    signs: 'Assertion',
    forge: (xml) => xml.replace(`>${MALLORY}<`, `>${MALLORY}&#0;<`),
    problem: /character that XML does not have/,
    isSignatureValid: false,
  },
  'half of a character': {
    signs: 'Assertion',
    forge: (xml) => xml.replace(`>${MALLORY}<`, `>${MALLORY}&#xD800;<`),
    problem: /character that XML does not have/,
    isSignatureValid: false,
  },
  'many signatures': {
    signs: 'Assertion',
    forge: (xml) => inFirst(xml, 'samlp:Response', '<Signature/>'.repeat(3)),
    problem: /4 signatures/,
  },
  'a tag with thousands of attributes': {
    signs: 'Assertion',
    forge: (xml) =>
      inFirst(
        xml,
        'samlp:Response',
        `<x ${Array.from({ length: 2_000 }, (_, at) => `a${at}=""`).join(' ')}/>`,
      ),
    problem: /one of its tags/,
  },
  'no XML': {
    signs: 'Assertion',
    forge: (xml) => xml.slice(0, -20),
    problem: /no well-formed XML/,
    isSignatureValid: 'unreadable',
  },
};
