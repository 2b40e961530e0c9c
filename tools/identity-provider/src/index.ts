export type { GroupsOptions } from './claims.js';
export { Endpoint, type Faults, OTHER_ISSUER } from './faults.js';
export type { SigningAlgorithm } from './keys/signing-keys.js';
export { parsePeople, type Person } from './person.js';
export { MAX_RECORDS } from './protocol/record-store.js';
export type { RelyingParty } from './relying-party.js';
export { makeSamlKey, type SamlKey } from './saml/saml-key.js';
export { readSamlRequest, type SamlRequest } from './saml/saml-request.js';
export {
  type SamlContent,
  type SignatureMethods,
  type SignedPart,
  samlResponse,
  signSaml,
  usualMethods,
} from './saml/saml-response.js';
export {
  type SamlParty,
  type SamlProvider,
  type SamlProviderOptions,
  startSamlProvider,
} from './saml/start-saml-provider.js';
export {
  type IdentityProvider,
  type IdentityProviderOptions,
  MAX_LOGGED_REQUESTS,
  startIdentityProvider,
} from './start-identity-provider.js';
export { findForms, type PageForm } from './visitor/page-form.js';
export { signInAt, submitSignIn } from './visitor/submit-sign-in.js';
export { type Page, Visitor, type VisitOptions, type VisitorCookie } from './visitor/visitor.js';
