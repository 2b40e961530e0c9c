import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseCommandLine } from '../src/command-line.js';
import { AFTER_LOGOUT, ann, REDIRECT } from './relying-party.js';

const folder = await mkdtemp(join(tmpdir(), 'identity-provider-'));
const people = join(folder, 'people.json');
await writeFile(people, JSON.stringify([ann]));
await writeFile(join(folder, 'broken.json'), JSON.stringify([{ ...ann, group: [] }]));
afterAll(() => rm(folder, { recursive: true }));

const required = ['--people', people, '--client', `a:b:${REDIRECT}`];

test('every option arrives', () => {
  const asked = parseCommandLine([
    ...required,
    '--client=a:b:http://127.0.0.1:9/other',
    '--logout=a:http://127.0.0.1:9/logout',
    `--after-logout=a:${AFTER_LOGOUT}`,
    '--port=4020',
    '--host=127.0.0.2',
    '--groups-in=both',
    '--groups-claim=a.b',
    '--overage',
    '--algorithm=ES256',
    '--key-seed=seed',
    '--lists-people',
    '--exit-with-stdin',
  ]);
  expect(asked).toEqual({
    exitsWithStdin: true,
    options: {
      port: 4020,
      host: '127.0.0.2',
      people: [ann],
      clients: [
        {
          clientId: 'a',
          clientSecret: 'b',
          redirectUris: [REDIRECT, 'http://127.0.0.1:9/other'],
          backchannelLogoutUri: 'http://127.0.0.1:9/logout',
          postLogoutRedirectUris: [AFTER_LOGOUT],
        },
      ],
      groupsIn: 'both',
      groupsClaim: 'a.b',
      overage: true,
      signingAlgorithm: 'ES256',
      keySeed: 'seed',
      listsPeople: true,
    },
  });
  expect(parseCommandLine(['--help'])).toBeUndefined();
});

test.each([
  [[], /--people FILE is missing/],
  [['--people', 'absent.json'], /absent\.json: ENOENT/],
  [['--people', join(folder, 'broken.json')], /broken\.json: These are not people:[\s\S]*"group"/],
  [['--people', people], /--client ID:SECRET:REDIRECT is missing/],
  [['--people', people, '--client', 'app:hidden'], /^(?!.*hidden)--client must be ID:SECRET:REDIRECT/],
  [[...required, '--client', `a:other:${REDIRECT}`], /^(?!.*other)--client a has two secrets/],
  [[...required, '--logout', 'c:http://127.0.0.1:9'], /no --client has the id "c"/],
  [[...required, '--groups-in', 'x'], /--groups-in must be one of id_token, userinfo, both, not "x"/],
  [[...required, '--algorithm', 'HS256'], /--algorithm must be one of RS256, ES256/],
  [[...required, '--port', 'x'], /--port must be a number/],
  [[...required, '--prot', '1'], /--prot/],
])('%j is refused', (args, message) => {
  expect(() => parseCommandLine(args)).toThrow(message);
});
