import { SamlConnectionFields, causewayError, problemsOf } from '@causeway/contracts';
import { type CausewayError, joinShort, shortMasked } from '@causeway/dag';
import { SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../../config.js';
import { checkResponse } from '../../domain/saml/check-response.js';
import { CLOCK_TOLERANCE_MS, type ExpectedAnswer } from '../../domain/saml/expected.js';
import { type SamlAssertion, nameIdFormats, readAssertion } from '../../domain/saml/read-assertion.js';
import { type ProviderMetadata, readMetadata } from '../../domain/saml/read-metadata.js';
import { SamlProblem } from '../../domain/saml/xml-element.js';
import { limitedFetch } from '../limited-fetch.js';
import { runStrategy } from '../run-strategy.js';

/** What a connection says of a SAML provider. */
export interface SamlProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly signInUrl: string;
  /** As base64 of DER. Only what one of them signed is used; certificates in messages are ignored. */
  readonly certificates: readonly string[];
  readonly nameIdFormat: ExpectedAnswer['nameIdFormat'];
}

/** What is noted of a request, and must be found unchanged when it is answered. */
interface Noted {
  readonly requestId: string;
  readonly at: string;
}

/** What the library calls with an answer whose signature is valid. */
interface Profile {
  readonly assertionXml: string | undefined;
}

type AnyProfile = import('@node-saml/passport-saml').Profile | null;
type Verified = import('@node-saml/passport-saml').VerifiedCallback;

/** How the library says that an assertion is too old or too new. */
const OF_TIME = /^(SAML assertion (expired|not yet valid)|No valid subject confirmation found)/;
const WRONG_TIME = 'its assertion has expired, or is not valid yet; compare the clocks';

/** What metadata says has the same limits as what people say. */
const Said = SamlConnectionFields.pick({ issuer: true, signInUrl: true, certificates: true }).required();

const METADATA_TIMEOUT_MS = 8_000;

/** Signs people in at identity providers by SAML 2.0: Passport’s strategy of node-saml, which is loaded when it is needed first. */
@Injectable()
export class SamlClient {
  constructor(@Inject(SETTINGS) private readonly settings: Pick<Settings, 'saml'>) {}

  get isOn(): boolean {
    return this.settings.saml === 'on';
  }

  /** @throws CausewayError SAML_OFF */
  checkOn(): void {
    if (!this.isOn) throw causewayError('SAML_OFF', {});
  }

  /** Begins a sign-in. @returns where the browser goes, and what the end must find unchanged @throws CausewayError SAML_OFF */
  async begin(
    provider: SamlProvider,
    callbackUrl: string,
  ): Promise<{ url: string; noted: Record<string, unknown> }> {
    this.checkOn();
    let noted: Noted | undefined;
    const strategy = await this.strategyOf(provider, callbackUrl, (requestId, at) => {
      noted = { requestId, at };
    });
    const outcome = await runStrategy(strategy, { query: {}, headers: {} }, {});
    if (outcome.kind !== 'redirect' || !noted) throw refused('it could not be asked');
    return { url: outcome.url, noted: { ...noted } };
  }

  /**
   * Finishes a sign-in with what the provider has answered. Nothing but the bytes whose signature is verified is read for who somebody is.
   *
   * @throws CausewayError SAML_OFF, SIGN_IN_REFUSED
   */
  async finish(
    provider: SamlProvider,
    callbackUrl: string,
    samlResponse: string,
    { requestId, at }: Record<string, unknown>,
  ): Promise<SamlAssertion> {
    this.checkOn();
    if (typeof requestId !== 'string' || typeof at !== 'string') throw refused('it was not asked');
    const { issuer, clientId: audience, nameIdFormat } = provider;
    const expected = { issuer, audience, callbackUrl, requestId, nameIdFormat, nowMs: Date.now() };
    try {
      const { parseXml } = await import('./parse-xml.js');
      const text = decode(samlResponse);
      checkResponse(parseXml(text), expected);
      const strategy = await this.strategyOf(provider, callbackUrl, undefined, { requestId, at });
      const body = { SAMLResponse: Buffer.from(text).toString('base64') };
      const outcome = await runStrategy<Profile>(strategy, { body, query: {}, headers: {} }, {});
      const verified = outcome.kind === 'success' ? outcome.user.assertionXml : undefined;
      if (verified === undefined) throw new SamlProblem('it signs nobody in');
      return readAssertion(parseXml(verified), expected);
    } catch (error) {
      const { message } = error as Error;
      throw refused(shortMasked(OF_TIME.test(message) ? `${WRONG_TIME} (${message})` : message, 300), error);
    }
  }

  /** What the provider has to know of Causeway, as XML. @throws CausewayError SAML_OFF */
  async describe(provider: SamlProvider, callbackUrl: string): Promise<string> {
    this.checkOn();
    const strategy = await this.strategyOf(provider, callbackUrl);
    return strategy.generateServiceProviderMetadata(null);
  }

  /** Reads what a provider says of itself, from a text or from an address. @throws CausewayError METADATA_UNREADABLE, PROVIDER_UNUSABLE */
  async readMetadata(from: { readonly text: string } | { readonly url: string }): Promise<ProviderMetadata> {
    const text = 'text' in from ? from.text : await fetchMetadata(from.url);
    try {
      const { parseXml } = await import('./parse-xml.js');
      // Metadata files have comments, and nothing depends on where they stand.
      const found = readMetadata(parseXml(text.replaceAll(/<!--[\s\S]*?-->/g, '')));
      const { data, error } = Said.safeParse(found);
      if (data) return data;
      throw new SamlProblem(joinShort(problemsOf(error, 'metadata'), '; '));
    } catch (error) {
      if (!(error instanceof SamlProblem)) throw error;
      throw causewayError(
        'METADATA_UNREADABLE',
        { problem: shortMasked(error.message, 300) },
        { cause: error },
      );
    }
  }

  /**
   * The strategy for one sign-in. The library keeps the ids of requests in a cache; here it is the ticket that the browser has, so the cache
   * holds one id at most.
   */
  private async strategyOf(
    { issuer, clientId, signInUrl, certificates, nameIdFormat }: SamlProvider,
    callbackUrl: string,
    note: (requestId: string, at: string) => void = () => {},
    noted?: Noted,
  ) {
    const { Strategy, ValidateInResponseTo } = await import('@node-saml/passport-saml');
    return new Strategy(
      {
        callbackUrl,
        entryPoint: signInUrl,
        issuer: clientId,
        audience: clientId,
        idpIssuer: issuer,
        idpCert: [...certificates],
        identifierFormat: nameIdFormats[nameIdFormat],
        // How people prove who they are is the provider’s decision.
        disableRequestedAuthnContext: true,
        wantAssertionsSigned: true,
        wantAuthnResponseSigned: false,
        acceptedClockSkewMs: CLOCK_TOLERANCE_MS,
        validateInResponseTo: ValidateInResponseTo.always,
        cacheProvider: {
          saveAsync: async (requestId, at) => {
            note(requestId, at);
            return { value: at, createdAt: Date.now() };
          },
          getAsync: async (requestId) => (requestId === noted?.requestId ? noted.at : null),
          removeAsync: async () => null,
        },
      },
      (profile: AnyProfile, done: Verified) => done(null, { assertionXml: profile?.getAssertionXml?.() }),
      (_profile: AnyProfile, done: Verified) => done(new SamlProblem('it is about signing out')),
    );
  }
}

/** The text in a form field. @throws SamlProblem */
function decode(samlResponse: string): string {
  const base64 = samlResponse.replaceAll(/[\r\n\t ]/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw new SamlProblem('it is no base64');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    throw new SamlProblem('it is no UTF-8');
  }
}

async function fetchMetadata(url: string): Promise<string> {
  const unusable = (problem: string, cause?: unknown): CausewayError =>
    causewayError('PROVIDER_UNUSABLE', { issuer: url, problem: shortMasked(problem, 300) }, { cause });
  const response = await limitedFetch(url, { signal: AbortSignal.timeout(METADATA_TIMEOUT_MS) }).catch(
    (error: unknown) => {
      throw unusable((error as Error).message, error);
    },
  );
  if (!response.ok) throw unusable(`it answers with ${response.status}`);
  return response.text();
}

function refused(problem: string, cause?: unknown): CausewayError {
  return causewayError('SIGN_IN_REFUSED', { problem }, { cause });
}
