import { randomUUID } from 'node:crypto';
import { Visitor, findForms } from '@causeway/identity-provider';
import type { Api } from './api.js';
import { SignedIn } from './signed-in.js';

/** A person who accepted an invitation, with a browser in which they are signed in. */
export interface InvitedPerson {
  readonly login: string;
  readonly password: string;
  readonly who: SignedIn;
}

/** Invites a person with a role in a team, and accepts for them. */
export async function invitedPerson(api: Api, teamId: string, role: string): Promise<InvitedPerson> {
  const body = { name: `Zoe ${randomUUID().slice(0, 8)}`, role, level: 'team', objectId: teamId };
  const { link } = await api.ask<{ link: string }>('POST', '/api/platform/v1/invitations', { body });
  const [login, password] = [`${randomUUID()}@invited.example`, 'eleven purple herons argue'];
  const visitor = new Visitor();
  const page = await visitor.get(link);
  const form = findForms(page).find(({ action }) => action.endsWith('/invitation'));
  if (!form) throw new Error(`no form: ${page.body}`);
  const answer = await visitor.post(form.action, { ...form.fields, login, password }, { from: link });
  return { login, password, who: new SignedIn(api.url, visitor, await visitor.follow(answer)) };
}
