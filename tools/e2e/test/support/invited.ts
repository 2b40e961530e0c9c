import { randomUUID } from 'node:crypto';
import { Visitor, findForms } from '@causeway/identity-provider';
import type { BrowserContext } from 'playwright-core';
import type { Api } from './api.js';
import { SignedIn } from './signed-in.js';

const PASSWORD = 'eleven purple herons argue';

/** Somebody who was invited with a role in a team, and is signed in. */
export async function invited(api: Api, teamId: string, role: string, name: string): Promise<SignedIn> {
  const { link } = await api.ask<{ link: string }>('POST', '/api/platform/v1/invitations', {
    body: { name, role, level: 'team', objectId: teamId },
  });
  const visitor = new Visitor();
  const page = await visitor.get(link);
  const form = findForms(page).find(({ action }) => action.endsWith('/invitation'));
  if (!form) throw new Error(`no form: ${page.body}`);
  const login = `${randomUUID()}@pages.example`;
  const answer = await visitor.post(
    form.action,
    { ...form.fields, login, password: PASSWORD },
    { from: link },
  );
  return new SignedIn(api.url, visitor, await visitor.follow(answer));
}

/** Lets a browser go on with the session of somebody. */
export async function useSession(context: BrowserContext, { url, cookie }: SignedIn): Promise<void> {
  const { name, value } = cookie;
  await context.addCookies([{ name, value, url, httpOnly: true, sameSite: 'Lax' }]);
}
