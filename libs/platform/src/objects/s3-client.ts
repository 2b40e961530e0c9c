import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { missing, unavailableStore } from './object-store.js';

/** Where a bucket is and who reads it. */
export interface S3Place {
  readonly bucket: string;
  /** Before every key: empty, or with a slash at its end. */
  readonly prefix: string;
  readonly region: string;
  /** Of a server that speaks S3; without it AWS itself. */
  readonly endpoint?: string;
  /** Without it the official client's own search: environment, files, the machine's role. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** How long S3 is waited for, in milliseconds. */
export interface S3Patience {
  readonly connectMs: number;
  /** Until an answer begins: a whole part must have arrived there by then. */
  readonly answerMs: number;
  /** While a content comes: who sends nothing of it for so long has died. */
  readonly idleMs: number;
}

export const S3_PATIENCE: S3Patience = { connectMs: 3_000, answerMs: 15_000, idleMs: 15_000 };
const ATTEMPTS = 3;
/** Each download that is under way holds one. */
const MOST_SOCKETS = 256;

/** The official client, which gives up: at worst after three times the time of one answer. */
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
    // Not every server that speaks S3 knows the newer ones. What is stored is compared with its name instead.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    ...(credentials && { credentials }),
  };
  return new S3Client(config);
}

/** What S3 said, without what the official client keeps beside it: requests, signatures, key ids. */
export class S3Failure extends Error {
  /** Of the answer; absent when there was none. */
  readonly status: number | undefined;

  constructor(operation: string, place: S3Place, thrown: unknown) {
    const { name, message, code, $metadata } = thrown as Error & {
      code?: string;
      $metadata?: { httpStatusCode?: number };
    };
    const status = $metadata?.httpStatusCode;
    const said = [status, name, code === name ? undefined : code].filter((part) => part !== undefined);
    const where = `s3://${place.bucket} at ${place.endpoint ?? `AWS in ${place.region}`}`;
    super(`${operation} of ${where} failed: ${said.join(' ')}: ${(message ?? '').slice(0, 300)}`);
    this.name = 'S3Failure';
    this.status = status;
  }
}

/** Whether S3 answered that it does not have the object. */
export function isAbsent(thrown: unknown): boolean {
  const { name } = thrown as Error;
  return name === 'NoSuchKey' || name === 'NotFound';
}

/** The error that our callers get for one of the official client. */
export function storeError(operation: string, place: S3Place, name: string, thrown: unknown): Error {
  const failure = new S3Failure(operation, place, thrown);
  return isAbsent(thrown) ? missing(name, failure) : unavailableStore(failure);
}
