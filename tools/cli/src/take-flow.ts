import { SECRET_MASK, isPlainObject, parseFlowFile, restoreSecrets } from '@causeway/dag';
import { type Api, ApiError } from './api.js';

/**
 * A flow of another server as the bytes to import. Causeway shows masks in place of the secrets of a flow:
 * they are filled from the flow's source. Langflow shows its flows unchanged.
 *
 * @throws ApiError; Error naming the permission, when the key may not read the source of a flow that holds secrets
 */
export async function takeFlow(source: Api, flowId: string): Promise<Uint8Array<ArrayBuffer>> {
  const shown = new Uint8Array(await source.bytes(`/api/v1/flows/${flowId}`));
  const text = Buffer.from(shown).toString('utf8');
  if (!text.includes(SECRET_MASK)) return shown;
  const original = await findSource(source, flowId);
  if (original === undefined) return shown;
  const flow = JSON.parse(text) as Record<string, unknown>;
  const [drawn] = parseFlowFile(text).flows;
  const { flows } = parseFlowFile(Buffer.from(original).toString('utf8'));
  const stored = flows.find(({ id }) => id === flowId) ?? (flows.length === 1 ? flows[0] : undefined);
  if (!drawn || !stored || !isPlainObject(flow['data'])) return shown;
  const { nodes } = restoreSecrets(drawn.data, stored.data);
  return new Uint8Array(Buffer.from(JSON.stringify({ ...flow, data: { ...flow['data'], nodes } })));
}

/** The bytes that a flow was imported from; undefined on a server that has no such route. */
async function findSource(source: Api, flowId: string): Promise<Uint8Array | undefined> {
  try {
    return await source.bytes(`/api/platform/v1/flows/${flowId}/source`);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404) return undefined;
    if (error.status !== 403) throw error;
    throw new Error(
      'the flow holds secrets, and this key may not read them: use a key of that server with the permission flow:write',
      { cause: error },
    );
  }
}
