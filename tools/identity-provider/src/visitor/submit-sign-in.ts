import { findForms } from './page-form.js';
import type { Page, Visitor } from './visitor.js';

/**
 * Signs in at a provider: fills in the form with the password field, sends it, and follows until the browser is about to
 * leave the provider. It works with any provider whose page has one form for user name and password.
 *
 * @param page  the sign-in page, or an answer that leads to it
 * @returns     the page whose `location` leaves the provider; or the page that the provider shows instead, such as the
 *              same form again when the password is wrong
 * @throws Error when the page has no such form
 */
export async function submitSignIn(
  visitor: Visitor,
  page: Page,
  email: string,
  password: string,
): Promise<Page> {
  const shown = await visitor.follow(page);
  const form = findForms(shown).find(({ passwordField }) => passwordField !== undefined);
  if (form?.passwordField === undefined || form.userField === undefined)
    throw new Error(`${shown.url} (status ${shown.status}) has no form for a user name and a password.`);
  const { origin } = new URL(shown.url);
  const answer = await visitor.post(
    form.action,
    { ...form.fields, [form.userField]: email, [form.passwordField]: password },
    { from: shown.url },
  );
  return visitor.follow(answer, (url) => url.origin !== origin);
}

/**
 * Signs in from the beginning: opens an address that sends the browser to a provider, and signs in there.
 *
 * @param url  such as the sign-in address of the program that is tested
 * @returns    what that program answers in the end
 */
export async function signInAt(
  visitor: Visitor,
  url: string | URL,
  email: string,
  password: string,
): Promise<Page> {
  return visitor.follow(await submitSignIn(visitor, await visitor.get(url), email, password));
}
