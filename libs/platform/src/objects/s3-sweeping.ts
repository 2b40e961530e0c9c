import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { BEGUN_KEPT_MS, PASSED_KEPT_MS } from './object-store.js';
import type { S3Place } from './s3-client.js';

/** Deletions that are sent at the same time. */
const AT_ONCE = 8;

/** Removes, page by page, passed texts that were not read and uploads that were not finished. Several processes may do so at the same time. */
export async function sweepS3(client: S3Client, place: S3Place, nowMs: number): Promise<void> {
  await sweepPassed(client, place, nowMs);
  await sweepUploads(client, place, nowMs);
}

async function sweepPassed(client: S3Client, { bucket, prefix }: S3Place, nowMs: number): Promise<void> {
  let after: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: `${prefix}passing/`,
        ...(after !== undefined && { StartAfter: after }),
      }),
    );
    const found = page.Contents ?? [];
    const old = found.filter(
      ({ LastModified }) => LastModified && nowMs - LastModified.getTime() > PASSED_KEPT_MS,
    );
    await eachFew(old, ({ Key }) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key })));
    after = page.IsTruncated ? found.at(-1)?.Key : undefined;
  } while (after !== undefined);
}

async function sweepUploads(client: S3Client, { bucket, prefix }: S3Place, nowMs: number): Promise<void> {
  let after: { KeyMarker: string | undefined; UploadIdMarker: string | undefined } | undefined;
  do {
    const page = await client.send(
      new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...after }),
    );
    const old = (page.Uploads ?? []).filter(
      ({ Initiated }) => Initiated && nowMs - Initiated.getTime() > BEGUN_KEPT_MS,
    );
    await eachFew(old, ({ Key, UploadId }) =>
      client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId })),
    );
    after = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
      : undefined;
  } while (after !== undefined);
}

async function eachFew<T>(all: readonly T[], run: (one: T) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < all.length; start += AT_ONCE)
    await Promise.all(all.slice(start, start + AT_ONCE).map(run));
}
