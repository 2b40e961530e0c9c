import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IdentityProvider, startIdentityProvider } from '@causeway/identity-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api } from '../support/api.js';
import { type CommandOutcome, causewayCli } from '../support/cli.js';
import { foreignOwner } from '../support/foreign-organisation.js';
import { newAccount } from '../support/service-account.js';
import type { Stack } from '../support/stack.js';

interface Applied {
  readonly plan: readonly { readonly act: string; readonly what: string; readonly detail?: string }[];
  readonly waiting: readonly string[];
  readonly kept: readonly string[];
  readonly done: number;
  readonly error?: { readonly code: string; readonly message: string };
}

/** An organisation is kept as a file. It is one of its own, so that other stories keep what they have. */
export function applyStories(stack: Stack): void {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-apply-'));
  const path = join(folder, 'org.yaml');
  const connection = `lab-${randomUUID().slice(0, 8)}`;
  let owner: Api;
  let provider: IdentityProvider;

  const write = (...lines: string[]): void => writeFileSync(path, `${lines.join('\n')}\n`);
  const run = (...args: string[]): Promise<CommandOutcome> => causewayCli(owner, args);
  const apply = async (...args: string[]): Promise<{ code: number | null; applied: Applied }> => {
    const { code, stdout } = await run('--json', 'apply', path, ...args);
    return { code, applied: JSON.parse(stdout) as Applied };
  };
  const acts = ({ plan }: Applied): string[] => plan.map(({ act, what }) => `${act} ${what}`);
  const nameless = () => [
    'version: 1',
    'organisation: { name: Foreign Ltd }',
    'teams: [Theirs, Payments]',
    'roles:',
    '  - { name: starter, permissions: [flow:read, flow:run] }',
    'connections:',
    `  - { name: ${connection}, issuer: "${provider.issuer}", clientId: causeway, secret: "file:secret.txt" }`,
    'accounts:',
    '  - { name: nightly, team: Payments, roles: [starter, viewer] }',
    'groups:',
    `  - name: engineers`,
    `    connection: ${connection}`,
    '    roles: [{ role: editor, team: Payments }, { role: viewer, organisation: true }]',
    '  - name: helpers',
    '    members: [stranger, eve@acme.example]',
  ];

  describe('an organisation as a file', () => {
    beforeAll(async () => {
      owner = await foreignOwner(stack);
      provider = await startIdentityProvider({ people: [], clients: [] });
      writeFileSync(join(folder, 'secret.txt'), 'the secret of the client\n');
    });
    afterAll(async () => {
      await provider.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test('is shown as a plan first, then made, and a second time nothing is to do', async () => {
      write(...nameless());
      const planned = await apply('--dry-run');
      expect([planned.code, planned.applied.done, acts(planned.applied)]).toEqual([
        2,
        0,
        [
          'change organisation Foreign',
          'create team Payments',
          'create role starter',
          `create connection ${connection}`,
          'create group engineers',
          'create group helpers',
          'create account nightly of team Payments',
          'create group engineers: editor in team Payments',
          'create group engineers: viewer in the organisation',
          'create account nightly of team Payments: viewer in team Payments',
          'create stranger in group helpers',
        ],
      ]);
      expect(planned.applied.waiting).toEqual([expect.stringContaining('eve@acme.example')]);
      const asked = await run('apply', path);
      expect([asked.code, asked.stderr]).toMatchObject([1, expect.stringContaining('give --yes')]);
      const made = await apply('--yes');
      expect([made.code, made.applied.done]).toEqual([0, 11]);
      const again = await apply('--yes');
      expect([again.code, again.applied.plan]).toEqual([0, []]);
      expect((await run('apply', path, '--dry-run')).code).toBe(0);
      expect((await run('apply', path)).stdout).toContain('nothing to do');
      const { items } = await owner.ask<{ items: object[] }>('GET', '/api/platform/v1/connections');
      expect(items).toMatchObject([{ name: connection, hasSecret: true }]);
    });

    test('is exported as a file that changes nothing, and holds no secret', async () => {
      const exported = join(folder, 'exported.yaml');
      expect((await run('org', 'export', '--out', exported)).code).toBe(0);
      const text = readFileSync(exported, 'utf8');
      expect(text).not.toContain('the secret of the client');
      expect(text).toContain(`\${env:SSO_SECRET_${connection.toUpperCase().replaceAll('-', '_')}}`);
      const { code, stdout } = await run('apply', exported, '--prune', '--dry-run');
      expect([code, stdout]).toEqual([0, 'nothing to do\n']);
    });

    test('is changed, and loses with --prune what the file does not have, but nobody loses the way back', async () => {
      const { api: other } = await newAccount(owner, await teamId(), 'viewer');
      write(
        ...nameless()
          .slice(0, -2)
          .map((line) =>
            line.replace('flow:run', 'file:read').replace(', { role: viewer, organisation: true }', ''),
          ),
        'users: []',
      );
      const stays = await apply('--dry-run');
      expect(acts(stays.applied)).toEqual(['change role starter']);
      expect(stays.applied.kept).toContain('group helpers');
      const { code, applied } = await apply('--yes', '--prune');
      expect([code, acts(applied)]).toEqual([
        0,
        [
          'change role starter',
          'remove group engineers: viewer in the organisation',
          'remove group helpers',
          expect.stringMatching(/^change account n /),
        ],
      ]);
      expect(applied.kept).toEqual(['user stranger: owner in the organisation: it is your own']);
      expect((await other.send('GET', '/api/platform/v1/self')).status).toBe(403);
      expect((await apply('--prune')).applied.plan).toEqual([]);
    });

    test('is refused as a whole when the file is wrong, with the line, and by who may not', async () => {
      write(...nameless(), '    roles: [{ role: editor }]');
      const wrong = await run('apply', path, '--yes');
      expect([wrong.code, wrong.stderr]).toMatchObject([
        1,
        expect.stringMatching(/org\.yaml:16 {2}groups\.1\.roles\.0: give either a team/),
      ]);
      write(...nameless(), '  - { name: x, roles: [{ role: editor, team: Nowhere }] }');
      expect((await run('apply', path, '--yes')).stderr).toContain('no such team');
      write(...nameless());
      const { api: viewer } = await newAccount(owner, await teamId(), 'viewer');
      const refused = await causewayCli(viewer, ['apply', path, '--yes']);
      expect([refused.code, refused.stderr]).toMatchObject([1, expect.stringContaining('permission')]);
    });

    test('stops at the first error, and says what was done and what was not', async () => {
      write(
        'version: 1',
        'teams: [Theirs, Payments, Last]',
        'roles: [{ name: "a/b", permissions: [flow:read] }]',
        'organisation: { ssoEnforced: true }',
      );
      await provider.close();
      const { code, stderr } = await run('apply', path, '--yes');
      expect([code, stderr]).toMatchObject([
        1,
        expect.stringContaining('SSO is not enforced, because no connection works'),
      ]);
      expect(stderr).toMatch(/done before that:\ncreate {2}team Last/);
      const { ssoEnforcedAt } = await owner.ask<{ ssoEnforcedAt: string | null }>(
        'GET',
        '/api/platform/v1/organisation',
      );
      expect(ssoEnforcedAt).toBeNull();
    });

    test('is the way back when nobody can sign in any more', async () => {
      // The identity provider has gone, and only it may be used.
      await owner.ask('PATCH', '/api/platform/v1/organisation', { body: { ssoEnforced: true } });
      const { items } = await owner.ask<{ items: { id: string; name: string }[] }>(
        'GET',
        '/api/platform/v1/groups',
      );
      for (const { id } of items) await owner.ask('DELETE', `/api/platform/v1/groups/${id}`);
      write(...nameless().map((line) => line.replace('name: Foreign Ltd', 'ssoEnforced: false')));
      const { code, applied } = await apply('--yes');
      expect([code, acts(applied)]).toMatchObject([
        0,
        expect.arrayContaining(['create group engineers: editor in team Payments']),
      ]);
      expect(applied.plan[0]).toMatchObject({ detail: 'people may sign in with passwords too' });
      expect((await apply()).applied.plan).toEqual([]);
    });
  });

  const teamId = async (): Promise<string> => {
    const { items } = await owner.ask<{ items: { id: string; name: string }[] }>(
      'GET',
      '/api/platform/v1/teams',
    );
    return items.find(({ name }) => name === 'Theirs')?.id ?? '';
  };
}
