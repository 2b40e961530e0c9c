/** One event of Langflow's stream. */
export interface BareFrame {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** One server-sent event. */
export interface SentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** Langflow's stream: one JSON object per line, blank lines between. Throws for anything else on a line. */
export async function* bareFrames(response: Response): AsyncGenerator<BareFrame> {
  for await (const line of lines(response)) if (line !== '') yield JSON.parse(line) as BareFrame;
}

/** True server-sent events; comments are left out. */
export async function* sentEvents(response: Response): AsyncGenerator<SentEvent> {
  let fields: Record<string, string> = {};
  for await (const line of lines(response)) {
    const colon = line.indexOf(':');
    if (line !== '' && colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
    if (line !== '' || fields['data'] === undefined) continue;
    yield { id: fields['id'] ?? '', event: fields['event'] ?? '', data: JSON.parse(fields['data']) };
    fields = {};
  }
}

async function* lines(response: Response): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const whole = (rest + chunk).split('\n');
    rest = whole.pop() ?? '';
    yield* whole;
  }
  if (rest !== '') yield rest;
}
