import { SECRET_MASK, canonicalJson, isPlainObject, parseFlowFile, restoreSecrets } from '@causeway/dag';
import type { FlowDocument } from '@causeway/dag';
import { type Api, ApiError } from './api.js';

/** A flow of another server, as a file to import. */
export interface TakenFlow {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly fileName?: string;
  /** Why it is not, byte for byte, the file that was imported there; absent when it is, and for flows of Langflow. */
  readonly partly?: string;
}

type Source = Required<Pick<TakenFlow, 'bytes' | 'fileName'>>;

/**
 * A flow of another server. Of a Causeway it is the file that was imported there, byte for byte, if that file holds this flow alone and says
 * what the flow is now; else the flow as it is shown, with its secrets from its source. Langflow shows its flows unchanged.
 *
 * @throws ApiError; Error naming the permission, when the key may not read the source of a flow that holds secrets
 */
export async function takeFlow(server: Api, flowId: string): Promise<TakenFlow> {
  const shown = new Uint8Array(await server.bytes(`/api/v1/flows/${flowId}`));
  const text = Buffer.from(shown).toString('utf8');
  const isMasked = text.includes(SECRET_MASK);
  const source = await findSource(server, flowId);
  if (source === undefined) return { bytes: shown };
  if (source === 'refused') {
    if (isMasked)
      throw new Error(
        'the flow holds secrets, and this key may not read them: use a key of that server with the permission flow:write',
      );
    return {
      bytes: shown,
      partly: 'this key may not read the imported file, which needs the permission flow:write',
    };
  }
  const flow = JSON.parse(text) as Record<string, unknown>;
  const [drawn] = parseFlowFile(text).flows;
  const { flows } = parseFlowFile(Buffer.from(source.bytes).toString('utf8'));
  const stored = flows.find(({ id }) => id === flowId) ?? (flows.length === 1 ? flows[0] : undefined);
  if (!drawn || !stored || !isPlainObject(flow['data']))
    return { bytes: shown, partly: 'the imported file does not hold this flow' };
  if (flows.length === 1 && settingsOf(stored) === settingsOf(drawn)) return source;
  const partly =
    flows.length > 1
      ? 'the imported file holds several flows'
      : 'the imported file does not have its id, or has another setting';
  if (!isMasked) return { bytes: shown, partly };
  const { nodes } = restoreSecrets(drawn.data, stored.data);
  const bytes = Buffer.from(JSON.stringify({ ...flow, data: { ...flow['data'], nodes } }));
  return { bytes: new Uint8Array(bytes), partly };
}

/** A flow's id and settings as text. The server sets a setting that a file does not have to an empty one. */
function settingsOf({
  data: _data,
  webhook: _webhook,
  lastTestedVersion: _version,
  id,
  ...settings
}: FlowDocument): string {
  const given = Object.entries(settings).filter(
    ([, value]) => value !== false && value !== '' && !(Array.isArray(value) && value.length === 0),
  );
  return canonicalJson({ ...Object.fromEntries(given), id: id?.toLowerCase() ?? null });
}

/** The file that a flow was imported from; undefined on a server without sources: a Langflow answers 404, or with its start page. */
async function findSource(server: Api, flowId: string): Promise<Source | 'refused' | undefined> {
  try {
    const response = await server.send('GET', `/api/platform/v1/flows/${flowId}/source`);
    const fileName = fileNameOf(response.headers.get('content-disposition') ?? '');
    if (fileName === undefined) return undefined;
    return { bytes: new Uint8Array(await response.arrayBuffer()), fileName };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    if (error instanceof ApiError && error.status === 403) return 'refused';
    throw error;
  }
}

/** The name in `attachment; filename*=UTF-8''a%20b.json`, or in `filename="a b.json"`. */
function fileNameOf(disposition: string): string | undefined {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  return encoded === undefined ? /filename="([^"]*)"/i.exec(disposition)?.[1] : decodeURIComponent(encoded);
}
