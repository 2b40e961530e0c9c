import { RunBody, causewayError } from '@causeway/contracts';
import type { z } from 'zod';
import type { Settings } from '../../config.js';
import { readAll } from './body-source.js';
import { decodeText } from './body-text.js';
import type { Call } from '../door/call.js';
import { splitForm } from './form.js';
import type { FormPart } from './form.js';
import { parseJsonText } from './json-text.js';
import { limitOf } from './limits.js';
import { parsePart } from '../door/serve.js';

/** Form fields that hold JSON: as a text, or as a part with the content type of JSON, with or without a file name. */
const jsonFields = new Set(['tweaks']);

/** Reads a run's body from a multipart form: one field per key, `tweaks` as JSON. The whole form has the limit of a JSON body. */
export async function readRunForm(
  call: Call,
  settings: Pick<Settings, 'maxBodyBytes'>,
): Promise<z.infer<typeof RunBody>> {
  const body = await readAll(call.request, limitOf(settings, 'maxBodyBytes'));
  const fields = new Map<string, unknown>();
  for (const part of splitForm(body, call.request.headers['content-type']))
    fields.set(part.name, await valueOf(part));
  return parsePart(RunBody, Object.fromEntries(fields), 'body') as z.infer<typeof RunBody>;
}

/** A body as it was sent, decoded with its charset. Only a form has not been read before, so it is read here. */
export async function readRaw(call: Call, settings: Pick<Settings, 'maxBodyBytes'>): Promise<string> {
  const { request } = call;
  const body = await readBytes(call, settings);
  // In a form each part has its own charset.
  return decodeText(body, request.isForm ? undefined : request.headers['content-type'], 'The request body');
}

/** The bytes of a body as they were sent, decompressed. */
export async function readBytes(
  { request }: Call,
  settings: Pick<Settings, 'maxBodyBytes'>,
): Promise<Buffer> {
  const body = request.isForm
    ? await readAll(request, limitOf(settings, 'maxBodyBytes'))
    : ((request.body as Buffer | undefined) ?? Buffer.alloc(0));
  // Dropped, so that a large body is in memory only once.
  request.body = undefined;
  return body;
}

async function valueOf({ name, fileName, contentType, content }: FormPart): Promise<unknown> {
  const where = `body.${name}`;
  if (!jsonFields.has(name)) {
    if (fileName === undefined) return decodeText(content, contentType, where);
    const problems = `${where}: a run takes no file; upload it first and name its path in a tweak`;
    throw causewayError('REQUEST_INVALID', { problems });
  }
  const text = decodeText(content, contentType, where);
  try {
    return await parseJsonText(text, where);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw causewayError('REQUEST_INVALID', {
      problems: `${where}: not JSON: ${error.message.slice(0, 200)}`,
    });
  }
}
