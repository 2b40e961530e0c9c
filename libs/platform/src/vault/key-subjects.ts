import { createHash } from 'node:crypto';

/** What a question asks for that has the secret of a new audit stream answered. */
export function aboutAuditStream({ organisationId, url }: { organisationId: string; url: string }): string {
  return JSON.stringify(['audit stream', organisationId, url]);
}

/** What a question for a data key asks for. Whoever asks and who answers sign the same text. */
export function aboutDataKey(wanted: { organisationId: string; dataKeyId?: string | undefined }): string {
  return JSON.stringify(['data key', wanted.organisationId, wanted.dataKeyId ?? '']);
}

/** What a question asks for that has a value opened which was sealed before there were data keys. */
export function aboutOldValue({
  organisationId,
  sealed,
}: {
  organisationId: string;
  sealed: string;
}): string {
  const hash = createHash('sha256').update(sealed).digest('hex');
  return JSON.stringify(['old value', organisationId, hash]);
}

/** What a question asks for that wants the key of a file which was sealed before there were data keys. */
export function aboutOldFileKey(wanted: {
  organisationId: string;
  masterKeyId: string;
  salt: string;
}): string {
  return JSON.stringify(['old file key', wanted.organisationId, wanted.masterKeyId, wanted.salt]);
}
