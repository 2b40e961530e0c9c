import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { shortMasked } from '@causeway/dag';
import { missing, unavailableStore } from './object-store.js';

/** The place of a bucket, and the credentials for it. */
export interface S3Place {
  readonly bucket: string;
  /** The prefix of every key: empty, or with a slash at its end. */
  readonly prefix: string;
  readonly region: string;
  /** Address of an S3-compatible server; without it AWS is used. */
  readonly endpoint?: string;
  /** Without them the official client looks for credentials itself: environment, files, the machine's role. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Time limits for S3, in milliseconds. */
export interface S3Patience {
  readonly connectMs: number;
  /** Until an answer begins; by then a whole part of an upload must have been received. */
  readonly answerMs: number;
  /** Between two pieces of a content; after a longer pause the server counts as dead. */
  readonly idleMs: number;
}

export const S3_PATIENCE: S3Patience = { connectMs: 3_000, answerMs: 15_000, idleMs: 15_000 };
const ATTEMPTS = 3;
/** Most sockets; each download under way uses one. */
const MOST_SOCKETS = 256;

/** Opens the official client, set to give up: at the latest after three times the time of one answer. */
export function openS3({ region, endpoint, credentials }: S3Place, patience: S3Patience): S3Client {
  const config: S3ClientConfig = {
    region,
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: patience.connectMs,
      requestTimeout: patience.answerMs,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: MOST_SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: MOST_SOCKETS },
    },
    // Not every S3-compatible server has the newer checksums. Stored content is compared with its name instead.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    ...(credentials && { credentials }),
  };
  return new S3Client(config);
}

/** An error of S3 without the other members of the official client's error: requests, signatures, key ids. */
export class S3Failure extends Error {
  /** Status of the answer; undefined when there was none. */
  readonly status: number | undefined;

  constructor(operation: string, place: S3Place, thrown: unknown) {
    const { name, message, code, $metadata } = thrown as Error & {
      code?: string;
      $metadata?: { httpStatusCode?: number };
    };
    const status = $metadata?.httpStatusCode;
    const said = [status, name, code === name ? undefined : code].filter((part) => part !== undefined);
    const where = `s3://${place.bucket} at ${place.endpoint ?? `AWS in ${place.region}`}`;
    super(`${operation} of ${where} failed: ${said.join(' ')}: ${shortMasked(message ?? '', 300)}`);
    this.name = 'S3Failure';
    this.status = status;
  }
}

/** Whether S3 answered that it does not have the object. */
export function isAbsent(thrown: unknown): boolean {
  const { name } = thrown as Error;
  return name === 'NoSuchKey' || name === 'NotFound';
}

/** The platform's error for one of the official client. */
export function storeError(operation: string, place: S3Place, name: string, thrown: unknown): Error {
  const failure = new S3Failure(operation, place, thrown);
  return isAbsent(thrown) ? missing(name, failure) : unavailableStore(failure);
}
