import type { ExpectedAnswer } from './expected.js';
import { Namespace, SamlProblem, type XmlElement, allIn, childrenOf, onlyChildOf } from './xml-element.js';

const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

/** What a signature may be made with. SHA-1 is not among them, nor is canonicalization that keeps comments. */
const CANONICALIZATIONS: ReadonlySet<string> = new Set([EXCLUSIVE]);
const TRANSFORMS: ReadonlySet<string> = new Set([ENVELOPED, EXCLUSIVE]);
const SIGNATURES: ReadonlySet<string> = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
]);
const DIGESTS: ReadonlySet<string> = new Set([
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512',
]);

/**
 * Checks the shape of a response before its signatures are verified: it has one assertion in its place, and signatures only where they sign
 * what they stand in. A response in which an assertion could be mistaken for another one is refused whatever its signatures say.
 *
 * @throws SamlProblem
 */
export function checkResponse(response: XmlElement, expected: ExpectedAnswer): void {
  if (response.name !== 'Response' || response.namespace !== Namespace.protocol)
    throw new SamlProblem('it is no SAML response');
  const { attributes } = response;
  if (attributes.get('Version') !== '2.0') throw new SamlProblem('its version is not 2.0');
  checkStatus(response);
  checkAddressed(response, expected);
  checkIds(response);
  const assertion = onlyAssertion(response);
  const signatures = [...allIn(response)].filter(({ name }) => name === 'Signature');
  if (signatures.length > 2) throw new SamlProblem(`it has ${signatures.length} signatures, not one or two`);
  for (const signature of signatures) checkPlace(signature, response, assertion);
  if (childrenOf(assertion, Namespace.signature, 'Signature').length === 0)
    throw new SamlProblem('its assertion is not signed; have the identity provider sign assertions');
  checkSignature(assertion);
  checkSignature(response);
}

/** The provider itself may say why nobody signs in. */
function checkStatus(response: XmlElement): void {
  const status = onlyChildOf(response, Namespace.protocol, 'Status');
  const code = onlyChildOf(status, Namespace.protocol, 'StatusCode');
  const value = code.attributes.get('Value') ?? '';
  if (value === SUCCESS) return;
  const more = childrenOf(code, Namespace.protocol, 'StatusCode')[0]?.attributes.get('Value');
  const said = [value, more].filter((one) => one !== undefined).map((one) => one.replace(/^.*:/, ''));
  throw new SamlProblem(`it says that it could not sign anybody in (${said.join(', ')})`);
}

function checkAddressed(response: XmlElement, { issuer, callbackUrl, requestId }: ExpectedAnswer): void {
  const { attributes } = response;
  const answers = attributes.get('InResponseTo');
  if (answers === undefined)
    throw new SamlProblem(
      'it answers no request (no InResponseTo): begin the sign-in here, not at the identity provider',
    );
  if (answers !== requestId)
    throw new SamlProblem('it answers another request than that of this browser (InResponseTo)');
  const destination = attributes.get('Destination');
  if (destination !== undefined && destination !== callbackUrl)
    throw new SamlProblem('it is addressed to somebody else (Destination)');
  const [named] = childrenOf(response, Namespace.assertion, 'Issuer');
  if (named && named.text.trim() !== issuer)
    throw new SamlProblem('it is from another identity provider than that of the connection (Issuer)');
}

/** An id that two elements have could mean either of them. */
function checkIds(response: XmlElement): void {
  const seen = new Set<string>();
  for (const { attributes } of allIn(response))
    for (const name of ['ID', 'Id', 'id']) {
      const id = attributes.get(name);
      if (id === undefined) continue;
      if (seen.has(id)) throw new SamlProblem('two of its elements have the same id');
      seen.add(id);
    }
}

function onlyAssertion(response: XmlElement): XmlElement {
  const [, ...inside] = allIn(response);
  if (inside.some(({ name }) => name === 'Response')) throw new SamlProblem('it holds another response');
  if (inside.some(({ name }) => name === 'EncryptedAssertion'))
    throw new SamlProblem(
      'its assertion is encrypted, which is not supported; turn that off at the identity provider',
    );
  const [assertion, ...others] = inside.filter(({ name }) => name === 'Assertion');
  if (!assertion) throw new SamlProblem('it has no assertion');
  if (others.length > 0) throw new SamlProblem(`it has ${others.length + 1} assertions, not one`);
  if (!response.children.includes(assertion) || assertion.namespace !== Namespace.assertion)
    throw new SamlProblem('its assertion is not where it belongs');
  return assertion;
}

function checkPlace(signature: XmlElement, response: XmlElement, assertion: XmlElement): void {
  const isInPlace = response.children.includes(signature) || assertion.children.includes(signature);
  if (!isInPlace || signature.namespace !== Namespace.signature)
    throw new SamlProblem('one of its signatures is not where it belongs');
}

/** Checks that the signature in an element, if it has one, is made as it must be and signs that element. */
function checkSignature(signed: XmlElement): void {
  const [signature, ...others] = childrenOf(signed, Namespace.signature, 'Signature');
  if (!signature) return;
  if (others.length > 0)
    throw new SamlProblem(`it has ${others.length + 1} signatures in ${signed.name}, not one`);
  const only = (parent: XmlElement, name: string) => onlyChildOf(parent, Namespace.signature, name);
  if (signature.children.some(({ name }) => !/^(SignedInfo|SignatureValue|KeyInfo)$/.test(name)))
    throw new SamlProblem('one of its signatures holds more than a signature');
  const info = only(signature, 'SignedInfo');
  only(signature, 'SignatureValue');
  checkAlgorithm(only(info, 'CanonicalizationMethod'), CANONICALIZATIONS);
  checkAlgorithm(only(info, 'SignatureMethod'), SIGNATURES);
  const reference = only(info, 'Reference');
  const id = signed.attributes.get('ID');
  if (id === undefined || reference.attributes.get('URI') !== `#${id}`)
    throw new SamlProblem(`the signature in ${signed.name} does not sign what it stands in`);
  for (const transform of only(reference, 'Transforms').children) checkAlgorithm(transform, TRANSFORMS);
  checkAlgorithm(only(reference, 'DigestMethod'), DIGESTS);
  if (only(reference, 'DigestValue').children.length > 0)
    throw new SamlProblem('the digest of one of its signatures holds more than a digest');
}

function checkAlgorithm({ name, attributes }: XmlElement, known: ReadonlySet<string>): void {
  const algorithm = attributes.get('Algorithm') ?? 'none';
  if (!known.has(algorithm))
    throw new SamlProblem(`the ${name} of one of its signatures is ${algorithm}, which is not accepted`);
}
