import { randomUUID } from 'node:crypto';
import {
  DEFAULT_ORGANISATION_ID,
  acceptInvitation,
  createInvitation,
  createTeam,
  listUsers,
  signInWithPassword,
  updateUser,
  verifySession,
} from '@causeway/contracts';
import { SealedKind, newInvitationToken, newSessionToken } from '@causeway/platform';
import { waitFor } from '@causeway/testing';
import { expect, it } from 'vitest';
import { startAuth } from './auth.js';

const ROOT = 'sk-the-bootstrap-key-of-the-password-test';
const { bus, admin, vault, principalOf } = await startAuth(ROOT);
const by = { principal: await principalOf(ROOT), requestId: 'r' };
const seal = (value: object, id: string) =>
  vault.seal(JSON.stringify(value), { organisationId: DEFAULT_ORGANISATION_ID, kind: SealedKind.typed, id });
const PASSWORD = 'eleven purple herons argue';
const team = await bus.request(createTeam, { ...by, name: `n ${randomUUID()}` });

async function newPerson() {
  const invitation = newInvitationToken();
  await bus.request(createInvitation, {
    ...by,
    name: 'Zoe',
    role: 'viewer',
    teamId: team.id,
    tokenHash: invitation.tokenHash,
  });
  const login = `${randomUUID()}@passwords.example`;
  const { tokenHash } = newSessionToken();
  const sealed = await seal({ login, password: PASSWORD }, tokenHash);
  await bus.request(acceptInvitation, {
    invitationHash: invitation.tokenHash,
    sealed,
    tokenHash,
    requestId: 'r',
  });
  const { principal } = await bus.request(verifySession, { tokenHash, again: false });
  return { login, id: principal.id };
}

/** What a try to sign in comes to: `in`, or the code of the error. */
async function outcomeOf(login: string, password: string): Promise<string> {
  const { tokenHash } = newSessionToken();
  const sealed = await seal({ login, password }, tokenHash);
  return bus.request(signInWithPassword, { sealed, tokenHash, requestId: 'r' }).then(
    () => 'in',
    (error: { code: string }) => error.code,
  );
}

const failuresOf = async (login: string): Promise<number | undefined> =>
  (await admin.query<{ failures: number }>('select failures from auth.password where login = $1', [login]))
    .rows[0]?.failures;

it('N15: of tries at the same time, no more are made than one after another', async () => {
  const { login } = await newPerson();
  const tries = await Promise.all(Array.from({ length: 12 }, () => outcomeOf(login, 'something else')));
  expect(tries.toSorted()).toEqual([
    ...Array.from({ length: 7 }, () => 'PASSWORD_LOCKED'),
    ...Array.from({ length: 5 }, () => 'PASSWORD_WRONG'),
  ]);
  expect(await outcomeOf(login, PASSWORD)).toBe('PASSWORD_LOCKED');
  await admin.query('update auth.password set locked_until = now() where login = $1', [login]);
  expect(await outcomeOf(login, PASSWORD)).toBe('in');
  expect(await failuresOf(login)).toBe(0);
});

it('a right password that is of no use locks nothing', async () => {
  const { login, id } = await newPerson();
  await bus.request(updateUser, { ...by, userId: id, disabled: true });
  for (let tries = 0; tries < 6; tries++) expect(await outcomeOf(login, PASSWORD)).toBe('USER_DISABLED');
  await bus.request(updateUser, { ...by, userId: id, disabled: false });
  expect(await outcomeOf(login, PASSWORD)).toBe('in');
});

it.each([
  ['is disabled', 'USER_DISABLED', 'update auth."user" set disabled_at = now() where id = $1'],
  [
    'gets another password',
    'PASSWORD_WRONG',
    `update auth.password set hash = hash || 'A' where user_id = $1`,
  ],
  [
    'has to use SSO',
    'SSO_ENFORCED',
    'update auth.organisation o set sso_enforced_at = now() from auth."user" u where u.organisation_id = o.id and u.id = $1',
  ],
])('who %s while the password is checked is not let in', async (_what, code, change) => {
  const { login, id } = await newPerson();
  const others = Array.from({ length: 8 }, () => outcomeOf('nobody@passwords.example', 'something else'));
  const outcome = outcomeOf(login, PASSWORD);
  await waitFor(async () => (await failuresOf(login)) === 1);
  await admin.query(change, [id]);
  expect(await outcome).toBe(code);
  await Promise.all(others);
  await admin.query('update auth.organisation set sso_enforced_at = null');
});

it('the list of people says with which user name somebody signs in, and finds them by it', async () => {
  const { login, id } = await newPerson();
  const { items } = await bus.request(listUsers, {
    principal: by.principal,
    search: login,
    page: { limit: 9 },
  });
  expect(items).toMatchObject([{ id, login, isBreakGlass: false }]);
});
