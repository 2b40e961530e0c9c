import { tmpdir } from 'node:os';
import { log } from '../logging/log.js';
import type { PlatformSettings } from '../settings/platform-settings.js';
import { SettingsError } from '../settings/read-settings.js';
import { FolderStore } from './folder-store.js';
import type { ObjectStore } from './object-store.js';

/**
 * Opens the object store that the settings name. The official S3 client is loaded only when a bucket is set.
 *
 * @throws SettingsError when the bucket does not exist or refuses access; not when it does not answer, since it may answer later
 */
export async function openObjectStore(settings: PlatformSettings): Promise<ObjectStore> {
  const { objectStore } = settings;
  const [, bucket, path = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(objectStore) ?? [];
  if (bucket === undefined) return new FolderStore(objectStore);
  const { objectStoreAccessKey: accessKeyId, objectStoreSecretKey: secretAccessKey } = settings;
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined))
    throw new SettingsError([
      'CAUSEWAY_OBJECT_STORE_ACCESS_KEY and CAUSEWAY_OBJECT_STORE_SECRET_KEY: set both of them or neither.',
    ]);
  const [{ S3Store }, { S3Failure }] = await Promise.all([import('./s3-store.js'), import('./s3-client.js')]);
  const store = new S3Store(
    {
      bucket,
      prefix: path === '' || path.endsWith('/') ? path : `${path}/`,
      region: settings.objectStoreRegion,
      ...(settings.objectStoreEndpoint !== undefined && { endpoint: settings.objectStoreEndpoint }),
      ...(accessKeyId !== undefined &&
        secretAccessKey !== undefined && { credentials: { accessKeyId, secretAccessKey } }),
    },
    settings.objectStoreSpool ?? tmpdir(),
  );
  try {
    await store.check();
  } catch (error) {
    const { cause } = error as Error;
    if (cause instanceof S3Failure && (cause.status ?? 500) < 500) {
      store.close();
      throw new SettingsError([`CAUSEWAY_OBJECT_STORE: ${cause.message}`]);
    }
    log.failure(error, 'object store not reached at the start');
  }
  return store;
}
