import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from 'vitest';
import { S3Store } from '../dist/objects/s3-store.js';
import { describeObjectStore } from './object-store-conformance.js';
import { S3Corner, findS3Server } from './s3-server.js';

const server = findS3Server();
if (!server) {
  test.skip('an object store in S3: no server is configured; npm run check:s3 runs this against a real one', () => {});
} else {
  const corner = new S3Corner(server);
  const { endpoint, bucket, credentials } = server;
  const place = { endpoint, bucket, credentials, prefix: corner.prefix, region: 'us-east-1' };
  const store = new S3Store(place, tmpdir());
  afterAll(async () => {
    store.close();
    await corner.clear();
  });

  describeObjectStore('an object store in S3', async () => ({
    store,
    overwrite: (path, content) => corner.overwrite(path, content),
    paths: () => corner.paths(),
  }));

  describe('in S3', () => {
    test('a listing skips keys that are not objects', async () => {
      for (let index = 0; index < 7; index++) await corner.overwrite(`00-${index}`, randomBytes(3));
      const names: string[] = [];
      let after: string | undefined;
      do {
        const page = await store.list({ most: 2, ...(after !== undefined && { after }) });
        names.push(...page.objects.map(({ sha256 }) => sha256));
        after = page.next;
      } while (after !== undefined);
      const objects = (await corner.paths()).filter((path) => /^[0-9a-f]{2}\/[0-9a-f]{64}$/.test(path));
      expect(names).toEqual(objects.map((path) => path.slice(3)).toSorted());
    });

    test('an unfinished upload is removed after a day', async () => {
      const Key = `${corner.prefix}aa/${'a'.repeat(64)}`;
      const { UploadId } = await corner.client.send(
        new CreateMultipartUploadCommand({ Bucket: bucket, Key }),
      );
      await corner.client.send(
        new UploadPartCommand({ Bucket: bucket, Key, UploadId, PartNumber: 1, Body: randomBytes(100) }),
      );
      const uploads = async (): Promise<number> =>
        (await corner.client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: corner.prefix })))
          .Uploads?.length ?? 0;
      expect(await uploads()).toBe(1);
      await store.sweep(Date.now() + 23 * 3_600_000);
      expect(await uploads()).toBe(1);
      await store.sweep(Date.now() + 25 * 3_600_000);
      expect(await uploads()).toBe(0);
    });

    test('a bucket that does not exist, or a wrong secret, gives UNAVAILABLE, and the error does not show the secret', async () => {
      const secretAccessKey = 'wrong-secret-of-nobody';
      for (const wrong of [
        new S3Store({ ...place, bucket: 'causeway-nowhere' }, tmpdir()),
        new S3Store({ ...place, credentials: { ...credentials, secretAccessKey } }, tmpdir()),
      ]) {
        const error = await wrong.put('x').catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: 'UNAVAILABLE', details: { service: 'The object store' } });
        const { cause } = error as { cause: Error };
        expect(cause.message).toMatch(/^PutObject of s3:\/\/\S+ at http\S+ failed: 40[34] /);
        const shown = [error, cause].map((one) => `${JSON.stringify(one)} ${(one as Error).stack}`).join();
        for (const secret of [secretAccessKey, credentials.secretAccessKey, credentials.accessKeyId])
          expect(shown).not.toContain(secret);
        wrong.close();
      }
    });
  });
}
