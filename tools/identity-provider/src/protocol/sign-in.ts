import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import { page, PAGE_HEADERS } from '../pages/page.js';
import { signInPage, type SignInView } from '../pages/sign-in-page.js';
import type { People } from '../person.js';

/** Largest form that the sign-in page accepts. */
const MAX_FORM_BYTES = 16 * 1024;

/** Answers the sign-in page of one attempt: shows the form, checks it, and sends the browser on. */
export async function answerSignIn(
  provider: Provider,
  people: People,
  listsPeople: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { prompt, params } = await provider.interactionDetails(request, response);
    // Consent is given already; a relying party that insists on asking for it gets the same answer.
    if (prompt.name !== 'login')
      return await provider.interactionFinished(request, response, { consent: {} });

    const listed = listsPeople ? people.list() : [];
    const show = (status: number, view: Pick<SignInView, 'email' | 'password' | 'problem'>): void =>
      send(response, status, signInPage({ clientId: String(params['client_id']), listed, ...view }));

    if (request.method === 'GET') {
      const { searchParams } = new URL(request.url ?? '/', 'http://provider');
      const chosen = listed.find(({ subject }) => subject === searchParams.get('person'));
      const { email, password } = chosen ?? { email: String(params['login_hint'] ?? ''), password: '' };
      return show(200, { email, password });
    }
    const form = await readForm(request);
    if (form === undefined)
      return send(response, 413, page('Too large', '<p>The form is larger than 16 KB.</p>'));
    if (form.has('cancel')) {
      const result = { error: 'access_denied', error_description: 'The person cancelled the sign-in.' };
      return await provider.interactionFinished(request, response, result);
    }
    const email = form.get('email') ?? '';
    const person = people.findByEmail(email);
    if (person === undefined || person.password !== form.get('password'))
      return show(401, { email, problem: 'The address or the password is wrong.' });
    await provider.interactionFinished(request, response, { login: { accountId: person.subject } });
  } catch (error) {
    if (!(error instanceof errors.SessionNotFound)) throw error;
    const text =
      'This attempt to sign in has expired, or cookies are switched off. Start again where you came from.';
    send(response, 400, page('Start again', `<p>${text}</p>`));
  }
}

function send(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, PAGE_HEADERS).end(html);
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_FORM_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
