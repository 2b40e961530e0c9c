import { randomUUID } from 'node:crypto';
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

/** A real S3-compatible server, as `npm run check:s3` starts one; undefined when none is configured. */
export interface S3Server {
  readonly endpoint: string;
  readonly bucket: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export function findS3Server(environment: NodeJS.ProcessEnv = process.env): S3Server | undefined {
  const { CHECK_S3_ENDPOINT: endpoint, CHECK_S3_BUCKET: bucket = 'causeway-check' } = environment;
  const { CHECK_S3_ACCESS_KEY: accessKeyId = '', CHECK_S3_SECRET_KEY: secretAccessKey = '' } = environment;
  return endpoint ? { endpoint, bucket, credentials: { accessKeyId, secretAccessKey } } : undefined;
}

/** A prefix of its own in the bucket, and direct access to its objects. */
export class S3Corner {
  readonly prefix = `test-${randomUUID()}/`;
  readonly client: S3Client;

  constructor(readonly server: S3Server) {
    const { endpoint, credentials } = server;
    this.client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
  }

  /** The settings with which a service uses this prefix. */
  get settings(): Record<string, string> {
    const { endpoint, bucket, credentials } = this.server;
    return {
      CAUSEWAY_OBJECT_STORE: `s3://${bucket}/${this.prefix.slice(0, -1)}`,
      CAUSEWAY_OBJECT_STORE_ENDPOINT: endpoint,
      CAUSEWAY_OBJECT_STORE_ACCESS_KEY: credentials.accessKeyId,
      CAUSEWAY_OBJECT_STORE_SECRET_KEY: credentials.secretAccessKey,
    };
  }

  async overwrite(path: string, content: Uint8Array): Promise<void> {
    const Key = `${this.prefix}${path}`;
    await this.client.send(new PutObjectCommand({ Bucket: this.server.bucket, Key, Body: content }));
  }

  async paths(): Promise<string[]> {
    const paths: string[] = [];
    let after: string | undefined;
    do {
      const page = await this.client.send(
        new ListObjectsV2Command({
          Bucket: this.server.bucket,
          Prefix: this.prefix,
          ...(after !== undefined && { StartAfter: after }),
        }),
      );
      for (const { Key = '' } of page.Contents ?? []) paths.push(Key.slice(this.prefix.length));
      after = page.IsTruncated ? page.Contents?.at(-1)?.Key : undefined;
    } while (after !== undefined);
    return paths.toSorted();
  }

  async clear(): Promise<void> {
    for (const path of await this.paths())
      await this.client.send(
        new DeleteObjectCommand({ Bucket: this.server.bucket, Key: `${this.prefix}${path}` }),
      );
    this.client.destroy();
  }
}
