import type { DataKeyState } from '@causeway/contracts';
import type { Api } from '../api.js';
import { table } from '../output.js';
import type { Output } from '../output.js';

const PATH = '/api/platform/v1/secrets';

interface Status {
  readonly dataKeys: readonly DataKeyState[];
  readonly masterKeyId: string;
  readonly resealing: readonly {
    readonly table: string;
    readonly pending: number;
    readonly unreadable: number;
  }[];
}

/** Shows the data keys of the organisation, and what is still to be sealed with the current one. */
export async function showSecrets(api: Api, output: Output): Promise<number> {
  const status = await api.json<Status>('GET', PATH);
  output.result(status, () => {
    const keys = status.dataKeys.map(({ id, isCurrent, masterKeyId, createdAt }) => [
      id,
      isCurrent ? 'seals' : 'opens',
      masterKeyId === status.masterKeyId ? masterKeyId : `${masterKeyId} (older)`,
      createdAt,
    ]);
    const older = status.dataKeys.filter(({ masterKeyId }) => masterKeyId !== status.masterKeyId).length;
    const pending = status.resealing.filter((one) => one.pending > 0);
    const rows = pending.map(
      ({ table: name, pending: count, unreadable }) =>
        `  ${name}: ${count}${unreadable > 0 ? `, of which ${unreadable} cannot be opened; the logs of flow registry and auth say why` : ''}`,
    );
    return [
      table(['data key', 'use', 'master key', 'created'], keys),
      older > 0
        ? `${older} of them are wrapped with an older master key: npx causeway secrets rotate-master`
        : `all of them are wrapped with the newest master key, ${status.masterKeyId}`,
      ...(rows.length > 0
        ? ['still to be sealed with the current data key:', ...rows]
        : ['everything is sealed with the current data key']),
    ].join('\n');
  });
  return 0;
}

export async function rotateData(api: Api, output: Output): Promise<number> {
  const key = await api.json<DataKeyState>('POST', `${PATH}/rotate-data`);
  output.result(
    key,
    () =>
      `data key ${key.id} seals from now on; the rest is sealed again in the background: npx causeway secrets status`,
  );
  return 0;
}

export async function rotateMaster(api: Api, output: Output): Promise<number> {
  const done = await api.json<{ masterKeyId: string; rewrapped: number }>('POST', `${PATH}/rotate-master`);
  output.result(
    done,
    () => `master key ${done.masterKeyId} wraps every data key; ${done.rewrapped} were wrapped again`,
  );
  return 0;
}
