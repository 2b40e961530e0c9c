import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_ORGANISATION_ID, dataKeyChanged } from '@causeway/contracts';
import { log } from '../logging/log.js';
import type { Bus } from '../messaging/bus/bus.js';
import type { Lifecycle } from '../service/lifecycle.js';
import type { DataKeys } from './data-keys.js';

const AGAIN_MS = 500;

/**
 * Keeps data keys up to date: hears of rotations, and asks for a first key at the start, so that a process is ready only once auth has
 * answered. From then on it works without auth, with the keys that it knows.
 */
export function followDataKeys(keys: DataKeys, bus: Bus, lifecycle: Lifecycle): void {
  bus.subscribe(dataKeyChanged, undefined, ({ organisationId }) => keys.refresh(organisationId));
  lifecycle.addCheck('data keys', async () =>
    keys.hasAny ? undefined : 'no data key yet: auth has not answered',
  );
  void askFirst(keys, lifecycle.signal);
}

/** The organisation that always exists is the one most likely to be needed first. */
async function askFirst(keys: DataKeys, signal: AbortSignal): Promise<void> {
  let isLogged = false;
  while (!signal.aborted && !keys.hasAny) {
    try {
      await keys.refresh(DEFAULT_ORGANISATION_ID);
    } catch (error) {
      if (!isLogged && !signal.aborted) log.warn({ error }, 'waiting for the data keys');
      isLogged = true;
      await sleep(AGAIN_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }
}
