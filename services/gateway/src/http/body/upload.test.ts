import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { causewayError } from '@causeway/contracts';
import { DataKeys, FolderStore, SealedFiles } from '@causeway/platform';
import { FixedKeys, testVault } from '@causeway/platform/testing';
import { afterAll, describe, expect, test } from 'vitest';
import type { Call } from '../door/call.js';
import { storeUpload } from './upload.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-upload-'));
afterAll(() => rmSync(folder, { recursive: true }));
const objects = new FolderStore(folder);
const files = new SealedFiles(objects, testVault(), new DataKeys(new FixedKeys()));
const limit = { limitBytes: 100, limitName: 'maxFileBytes' };

/** A request with one file. */
function aCall(content: string, end = '\r\n--b--\r\n'): Call {
  const head = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';
  const raw = Readable.from([Buffer.from(head + content + end)]);
  const headers = { 'content-type': 'multipart/form-data; boundary=b' };
  const tenant = { organisationId: 'o', teamId: 't' };
  return { tenant, request: { isForm: true, headers, raw } } as unknown as Call;
}

const stored = async (): Promise<number> => (await objects.list()).objects.length;

describe('an upload', () => {
  test('is kept when its row is written', async () => {
    expect(await storeUpload(aCall('text'), files, limit, async ({ bytes }) => bytes)).toBe(4);
    expect(await stored()).toBe(1);
  });

  test('that is refused leaves nothing in the object store', async () => {
    const before = await stored();
    const refused = storeUpload(aCall('text'), files, limit, async () => {
      throw causewayError('REQUEST_INVALID', { problems: 'name: not a name' });
    });
    await expect(refused).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    const large = storeUpload(aCall('x'.repeat(101)), files, limit, async () => undefined);
    await expect(large).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    const broken = storeUpload(aCall('text', '\r\n--b\r\n'), files, limit, async () => undefined);
    await expect(broken).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    expect(await stored()).toBe(before);
  });

  test('whose answer was lost stays in the store, because its row may exist', async () => {
    const before = await stored();
    const lost = storeUpload(aCall('text'), files, limit, async () => {
      throw causewayError('UNAVAILABLE', { service: 'flow-registry', retryAfterS: 1 });
    });
    await expect(lost).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await stored()).toBe(before + 1);
  });
});
