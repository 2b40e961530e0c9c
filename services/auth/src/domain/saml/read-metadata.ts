import { Namespace, SamlProblem, type XmlElement, allIn, childrenOf, onlyChildOf } from './xml-element.js';

/** What an identity provider says of itself. */
export interface ProviderMetadata {
  readonly issuer: string;
  readonly signInUrl: string;
  /** As base64, with whatever spaces there are. */
  readonly certificates: readonly string[];
}

const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';

/** Reads the metadata of one identity provider. @throws SamlProblem */
export function readMetadata(root: XmlElement): ProviderMetadata {
  const entities = [...allIn(root)].filter(
    (element) =>
      element.name === 'EntityDescriptor' &&
      element.namespace === Namespace.metadata &&
      childrenOf(element, Namespace.metadata, 'IDPSSODescriptor').length > 0,
  );
  const [entity] = entities;
  if (!entity || entities.length > 1)
    throw new SamlProblem(`it describes ${entities.length} identity providers, not one`);
  const issuer = entity.attributes.get('entityID') ?? '';
  if (issuer === '') throw new SamlProblem('it has no entityID');
  const descriptor = onlyChildOf(entity, Namespace.metadata, 'IDPSSODescriptor');
  const signInUrl = childrenOf(descriptor, Namespace.metadata, 'SingleSignOnService')
    .find(({ attributes }) => attributes.get('Binding') === REDIRECT)
    ?.attributes.get('Location');
  if (signInUrl === undefined) throw new SamlProblem('it has no SingleSignOnService with HTTP-Redirect');
  const certificates = childrenOf(descriptor, Namespace.metadata, 'KeyDescriptor')
    .filter(({ attributes }) => (attributes.get('use') ?? 'signing') === 'signing')
    .flatMap((key) => [...allIn(key)])
    .filter(({ name, namespace }) => name === 'X509Certificate' && namespace === Namespace.signature)
    .map(({ text }) => text);
  if (certificates.length === 0) throw new SamlProblem('it has no certificate for signing');
  return { issuer, signInUrl, certificates: [...new Set(certificates)] };
}
