import { CLOCK_TOLERANCE_MS, type ExpectedAnswer } from './expected.js';
import { Namespace, SamlProblem, type XmlElement, childrenOf, onlyChildOf } from './xml-element.js';

/** What a verified assertion says of a person. */
export interface SamlAssertion {
  readonly id: string;
  readonly nameId: string;
  /** By name. One that is given several times has all its values. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
  /** The provider’s session ends then, if it says so. */
  readonly sessionEndsMs: number | undefined;
}

const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const V1 = 'urn:oasis:names:tc:SAML:1.1:nameid-format';
const V2 = 'urn:oasis:names:tc:SAML:2.0:nameid-format';

/** The formats of names that a connection can have, as SAML calls them. */
export const nameIdFormats: Readonly<Record<ExpectedAnswer['nameIdFormat'], string>> = {
  persistent: `${V2}:persistent`,
  email: `${V1}:emailAddress`,
  unspecified: `${V1}:unspecified`,
};

/** Characters of a name. Source: SAML Core 2.0, section 8.3.7. */
const MOST_NAME_ID = 256;

/**
 * Reads an assertion whose signature is verified.
 *
 * @throws SamlProblem when it is not for this sign-in, or not about somebody who can be recognised again
 */
export function readAssertion(assertion: XmlElement, expected: ExpectedAnswer): SamlAssertion {
  const { attributes } = assertion;
  const id = attributes.get('ID');
  if (assertion.name !== 'Assertion' || assertion.namespace !== Namespace.assertion || !id)
    throw new SamlProblem('what is signed is no assertion');
  if (attributes.get('Version') !== '2.0') throw new SamlProblem('the version of its assertion is not 2.0');
  if (onlyChildOf(assertion, Namespace.assertion, 'Issuer').text.trim() !== expected.issuer)
    throw new SamlProblem(
      'its assertion is from another identity provider than that of the connection (Issuer)',
    );
  const subject = onlyChildOf(assertion, Namespace.assertion, 'Subject');
  checkConfirmed(subject, expected);
  checkConditions(onlyChildOf(assertion, Namespace.assertion, 'Conditions'), expected);
  return {
    id,
    nameId: readNameId(onlyChildOf(subject, Namespace.assertion, 'NameID'), expected),
    attributes: readAttributes(assertion),
    sessionEndsMs: readSessionEnd(assertion, expected),
  };
}

/** Somebody brought the assertion: it must be meant for whoever brings it to this place, as the answer to this request, for now. */
function checkConfirmed(subject: XmlElement, expected: ExpectedAnswer): void {
  const confirmations = childrenOf(subject, Namespace.assertion, 'SubjectConfirmation');
  const problems = confirmations.map((confirmation) => problemOf(confirmation, expected));
  if (problems.includes(undefined)) return;
  throw new SamlProblem(problems[0] ?? 'its assertion does not say who may bring it (SubjectConfirmation)');
}

function problemOf(confirmation: XmlElement, expected: ExpectedAnswer): string | undefined {
  if (confirmation.attributes.get('Method') !== BEARER)
    return 'its assertion is not confirmed by bringing it (SubjectConfirmation)';
  const [data, ...others] = childrenOf(confirmation, Namespace.assertion, 'SubjectConfirmationData');
  if (!data || others.length > 0)
    return 'its assertion does not say to whom it is brought (SubjectConfirmationData)';
  if (data.attributes.get('Recipient') !== expected.callbackUrl)
    return 'its assertion is for another address (Recipient)';
  if (data.attributes.get('InResponseTo') !== expected.requestId)
    return 'its assertion answers another request than that of this browser (InResponseTo)';
  if (!data.attributes.has('NotOnOrAfter'))
    return 'its assertion does not say until when it may be brought (NotOnOrAfter)';
  return problemOfTime(data, expected.nowMs);
}

function checkConditions(conditions: XmlElement, { audience, nowMs }: ExpectedAnswer): void {
  const problem = problemOfTime(conditions, nowMs);
  if (problem !== undefined) throw new SamlProblem(problem);
  const restrictions = childrenOf(conditions, Namespace.assertion, 'AudienceRestriction');
  if (restrictions.length === 0)
    throw new SamlProblem('its assertion does not say for whom it is (AudienceRestriction)');
  for (const restriction of restrictions)
    if (
      !childrenOf(restriction, Namespace.assertion, 'Audience').some(({ text }) => text.trim() === audience)
    )
      throw new SamlProblem(`its assertion is not for ${audience} (Audience)`);
  // With a condition that is not understood, nobody can say whether an assertion is valid. Source: SAML Core 2.0, section 2.5.1.
  const unknown = conditions.children.find(
    ({ name, namespace }) =>
      namespace !== Namespace.assertion || !/^(AudienceRestriction|OneTimeUse|ProxyRestriction)$/.test(name),
  );
  if (unknown)
    throw new SamlProblem(`its assertion has a condition that is not understood (${unknown.name})`);
}

function problemOfTime({ name, attributes }: XmlElement, nowMs: number): string | undefined {
  const from = attributes.get('NotBefore');
  const until = attributes.get('NotOnOrAfter');
  if (from !== undefined && !(timeOf(from) <= nowMs + CLOCK_TOLERANCE_MS))
    return `its assertion is not valid yet (NotBefore of ${name}); compare the clocks`;
  if (until !== undefined && !(nowMs - CLOCK_TOLERANCE_MS < timeOf(until)))
    return `its assertion has expired (NotOnOrAfter of ${name}); compare the clocks`;
  return undefined;
}

/** NaN when it is no time in UTC, so that every comparison with it fails. */
function timeOf(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(text) ? Date.parse(text) : Number.NaN;
}

function readNameId(
  { text, attributes }: XmlElement,
  { issuer, audience, nameIdFormat }: ExpectedAnswer,
): string {
  const format = attributes.get('Format') ?? nameIdFormats.unspecified;
  if (format === `${V2}:transient`)
    throw new SamlProblem(
      'it names people differently at each sign-in (a transient NameID), so nobody can be recognised; have it send a persistent one',
    );
  if (format !== nameIdFormats[nameIdFormat])
    throw new SamlProblem(
      `the format of its NameID is ${format}, and the connection expects ${nameIdFormats[nameIdFormat]}; change one of them`,
    );
  // A name is one only among those of the same qualifiers. Source: SAML Core 2.0, section 8.3.7.
  for (const [name, own] of [
    ['NameQualifier', issuer],
    ['SPNameQualifier', audience],
  ] as const)
    if ((attributes.get(name) ?? own) !== own)
      throw new SamlProblem(`its NameID is one of somebody else’s names (${name})`);
  if (text.trim() === '' || text.length > MOST_NAME_ID)
    throw new SamlProblem(`its NameID is empty, or longer than ${MOST_NAME_ID} characters`);
  return text;
}

function readAttributes(assertion: XmlElement): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const statement of childrenOf(assertion, Namespace.assertion, 'AttributeStatement'))
    for (const attribute of childrenOf(statement, Namespace.assertion, 'Attribute')) {
      const name = attribute.attributes.get('Name') ?? '';
      const values = childrenOf(attribute, Namespace.assertion, 'AttributeValue').map(({ text }) => text);
      found.set(name, [...(found.get(name) ?? []), ...values]);
    }
  return found;
}

/** @throws SamlProblem when the provider says that nobody has signed in there, or that it is over */
function readSessionEnd(assertion: XmlElement, { nowMs }: ExpectedAnswer): number | undefined {
  const statements = childrenOf(assertion, Namespace.assertion, 'AuthnStatement');
  if (statements.length === 0)
    throw new SamlProblem('its assertion does not say that somebody has signed in (AuthnStatement)');
  const ends = statements
    .map(({ attributes }) => attributes.get('SessionNotOnOrAfter'))
    .filter((end) => end !== undefined)
    .map(timeOf);
  if (ends.some((end) => !(end > nowMs)))
    throw new SamlProblem('its session has ended already (SessionNotOnOrAfter)');
  return ends.length === 0 ? undefined : Math.min(...ends);
}
