import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byDesign, findAllowed } from '../canaries/by-design.js';
import { type Decoys, plantDecoys } from '../canaries/decoys.js';
import { type Sight, placesOf, searchPlace, searchTables } from '../canaries/places.js';
import { plantInstallation } from '../canaries/plant-installation.js';
import { plantOpenId, plantPassword, plantSaml } from '../canaries/plant-people.js';
import {
  plantAuditStream,
  plantClient,
  plantGrants,
  plantKeys,
  plantScim,
  plantWebhook,
} from '../canaries/plant-programs.js';
import { DECOY } from '../canaries/planted.js';
import type { Watch } from '../canaries/watch.js';
import { quiet } from '../support/faults.js';
import type { MasterKeyFile } from '../support/master-keys.js';
import type { Stack } from '../support/stack.js';
import { processesOf } from './survival.js';

/** Kinds of secrets that there are: so many have to be planted, or this test has lost some. */
const KINDS = 44;

/**
 * Every kind of secret that the platform is given, gives or holds is searched in every place where it could be left behind. Those of runs were
 * planted by the stories of secrets.
 *
 * @param receiverUrl  of a receiver of audit events
 */
export function canaryStories(
  stack: Stack,
  { watch, masters, receiverUrl }: { watch: Watch; masters: MasterKeyFile; receiverUrl: string },
): void {
  describe('every kind of secret', () => {
    const { planted } = watch;
    let decoys: Decoys | undefined;

    beforeAll(async () => {
      await watch.begin();
      const { api } = watch;
      const { team } = await api.ask<{ team: { id: string } }>('GET', '/api/platform/v1/access');
      await plantPassword(api, planted, team.id);
      const { connection } = await plantOpenId(api, planted);
      await plantSaml(api, planted);
      await plantKeys(api, planted, team.id);
      await plantClient(api, planted, team.id);
      await plantGrants(api, planted, team.id);
      await plantScim(api, planted, connection);
      await plantWebhook(api, planted);
      await plantAuditStream(api, planted, receiverUrl);
      await plantInstallation(stack, planted, masters);
      decoys = await plantDecoys(stack, watch);
      await quiet(stack);
    }, 60_000);
    afterAll(async () => {
      await decoys?.remove();
      await watch.end();
    });

    test('N24: is where it belongs and nowhere else: in no table, cache, log, trace, audit row, error, message or process', async () => {
      const finder = planted.finder();
      const { stack: _itself, ...processes } = await processesOf(stack);
      const running = { ...processes, 'gateway-traced': watch.pid, decoy: decoys?.pid ?? 0 };
      const places = [...watch.places, ...placesOf(stack, { sinceMs: watch.sinceMs, processes: running })];
      const searches = new Map([['tables', await searchTables(stack, finder)]]);
      for (const place of places) searches.set(place.name, await searchPlace(place, finder));

      const sights = [...searches.values()].flatMap((search) => search.sights);
      const isDecoy = ({ canary }: Sight): boolean => canary.kind === DECOY;
      // The search works in each kind of place: it finds what was planted there.
      const blind = [...searches.keys()].filter(
        (name) => !sights.some((sight) => isDecoy(sight) && sight.place === name),
      );
      expect(blind).toEqual([]);
      const found = sights.filter((sight) => !isDecoy(sight));
      const leaked = found.filter((sight) => !findAllowed(sight));
      const looked = [...searches.values()].reduce((sum, search) => sum + search.looked, 0);
      const { kinds, secrets } = planted;
      process.stdout.write(
        `planted ${kinds.length} kinds, ${secrets.length} values, looked at ${looked} places, found ${leaked.length}\n`,
      );
      // Which secret it is, nobody should read here either.
      expect([
        ...new Set(leaked.map(({ canary, place, where }) => `${canary.kind} in ${place}: ${where}`)),
      ]).toEqual([]);
      const allowed = new Set(found.map(findAllowed));
      expect(byDesign.filter((entry) => !allowed.has(entry))).toEqual([]);
      expect(kinds).toHaveLength(KINDS);
    }, 60_000);
  });
}
