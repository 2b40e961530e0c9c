import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { PAGE_HEADERS, escapeHtml, page } from '../pages/page.js';
import { signInPage } from '../pages/sign-in-page.js';
import { People, type Person } from '../person.js';
import { type SamlKey, makeSamlKey } from './saml-key.js';
import { type SamlRequest, readSamlRequest } from './saml-request.js';
import { type SamlContent, type SignedPart, samlResponse, signSaml } from './saml-response.js';

/** Somebody to whom a SAML provider answers. */
export interface SamlParty {
  readonly entityId: string;
  /** An address to which it is answered. */
  readonly answerUrl: string;
}

export interface SamlProviderOptions {
  readonly people: readonly Person[];
  /** They may be known later than the provider's address. */
  readonly parties?: readonly SamlParty[];
  /** Signs in this order. @default only the assertion */
  readonly signs?: readonly SignedPart[];
  /** The names of the attributes. @default name, email, groups */
  readonly attributes?: { readonly name: string; readonly email: string; readonly groups: string };
}

/** A running SAML provider. */
export interface SamlProvider {
  /** What it calls itself. */
  readonly entityId: string;
  /** Where people sign in: the redirect binding. */
  readonly signInUrl: string;
  /** Its metadata is served here. */
  readonly metadataUrl: string;
  /** What it says of itself. */
  metadata(): string;
  setPerson(person: Person): void;
  setGroups(subject: string, groups: readonly string[]): void;
  setParties(parties: readonly SamlParty[]): void;
  /** Signs with another key from now on. @returns the certificate of it, as PEM */
  rotateKey(): Promise<string>;
  /** Changes what it answers from now on, for answers that it should not give. `{}` ends that. */
  setFaults(change: Partial<SamlContent>): void;
  close(): Promise<void>;
}

const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
/** Sends the answer as soon as its page is there. */
const SUBMIT = 'document.forms[0].submit()';
const POLICY = `${PAGE_HEADERS['content-security-policy']}; script-src 'sha256-${createHash('sha256').update(SUBMIT).digest('base64')}'`;
const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata';

/** Starts a SAML 2.0 provider on this machine: requests by redirect, answers by a form that the browser sends. */
export async function startSamlProvider(options: SamlProviderOptions): Promise<SamlProvider> {
  const { signs = ['Assertion'], attributes = { name: 'name', email: 'email', groups: 'groups' } } = options;
  const people = new People(options.people);
  let parties = options.parties ?? [];
  let key: SamlKey = await makeSamlKey();
  let faults: Partial<SamlContent> = {};

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(400, { ...PAGE_HEADERS });
      response.end(page('This does not work', `<p>${escapeHtml((error as Error).message)}</p>`));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has an address of this kind.
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const entityId = `${origin}/metadata`;
  const signInUrl = `${origin}/sign-in`;

  const metadata = (): string => {
    const base64 = key.certificate.replaceAll(/-----[^-]+-----|\s/g, '');
    return `<?xml version="1.0"?>
<!-- Made for tests. -->
<EntityDescriptor xmlns="${METADATA}" entityID="${entityId}"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${base64}</X509Certificate></X509Data></KeyInfo></KeyDescriptor><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${signInUrl}"/></IDPSSODescriptor></EntityDescriptor>
`;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', origin);
    if (pathname === '/metadata') {
      response.writeHead(200, { 'content-type': 'application/samlmetadata+xml' }).end(metadata());
      return;
    }
    if (pathname !== '/sign-in') throw new Error(`There is no ${pathname} here.`);
    const asked = readSamlRequest(searchParams.get('SAMLRequest') ?? '');
    const isKnown = parties.some(
      ({ entityId: known, answerUrl }) => known === asked.issuer && answerUrl === asked.answerUrl,
    );
    if (!isKnown) throw new Error(`${asked.issuer} with ${asked.answerUrl} is not known here.`);
    response.writeHead(200, { ...PAGE_HEADERS, 'content-security-policy': POLICY });
    const form = new URLSearchParams(request.method === 'POST' ? await text(request) : '');
    const email = form.get('email') ?? '';
    const person = people.findByEmail(email);
    if (person && person.password === form.get('password'))
      response.end(await answerPage(asked, person, searchParams.get('RelayState') ?? undefined));
    else {
      const problem = request.method === 'POST' ? 'The user name or the password is wrong.' : undefined;
      response.end(signInPage({ clientId: asked.issuer, email, problem, listed: [] }));
    }
  };

  const answerPage = async (asked: SamlRequest, person: Person, relayState?: string): Promise<string> => {
    const isEmail = asked.nameIdFormat === EMAIL;
    let xml = samlResponse({
      issuer: entityId,
      audience: asked.issuer,
      recipient: asked.answerUrl,
      inResponseTo: asked.id,
      nameId: isEmail ? person.email : person.subject,
      nameIdFormat: isEmail ? EMAIL : PERSISTENT,
      attributes: {
        [attributes.name]: [person.name],
        [attributes.email]: [person.email],
        [attributes.groups]: person.groups,
      },
      ...faults,
    });
    for (const part of signs) xml = await signSaml(xml, part, key);
    const field = (name: string, value: string): string =>
      `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`;
    return page(
      'Signed in',
      `<form method="post" action="${escapeHtml(asked.answerUrl)}">${field('SAMLResponse', Buffer.from(xml).toString('base64'))}${relayState === undefined ? '' : field('RelayState', relayState)}<button>Go on</button></form><script>${SUBMIT}</script>`,
    );
  };

  return {
    entityId,
    signInUrl,
    metadataUrl: entityId,
    metadata,
    setPerson: (person) => people.set(person),
    setGroups: (subject, groups) => people.set({ ...people.get(subject), groups }),
    setParties: (next) => {
      parties = next;
    },
    rotateKey: async () => {
      key = await makeSamlKey();
      return key.certificate;
    },
    setFaults: (change) => {
      faults = change;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
