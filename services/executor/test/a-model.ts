import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

/** A request to the model. */
export interface Asked {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly unknown[];
  readonly stream?: boolean;
}

/** The model's answer: a text, or calls of tools. It waits for `hold` before it sends a byte. */
export interface Said {
  readonly text?: string;
  readonly toolCalls?: readonly { readonly name: string; readonly args: object }[];
  readonly hold?: Promise<unknown>;
  readonly status?: number;
  /** The message of a refusal. */
  readonly errorMessage?: string;
}

/** A model that gives the test's answers, over OpenAI's protocol. */
export interface Model {
  readonly url: string;
  readonly asked: Asked[];
  /** Calls whose socket was closed by the other side before they were answered. */
  readonly cut: Asked[];
  /** @default repeats the last message */
  answer: (asked: Asked, index: number) => Said;
}

/** Starts a model that is closed when the file ends. */
export async function aModel(): Promise<Model> {
  const asked: Asked[] = [];
  const cut: Asked[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const body = JSON.parse(text) as Asked;
    const index = asked.push(body) - 1;
    response.on('close', () => {
      if (!response.writableFinished) cut.push(body);
    });
    const said = model.answer(body, index);
    await said.hold;
    if (body.stream && said.status === undefined) stream(response, said, index);
    else answer(response, said, index);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const model: Model = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    cut,
    answer: ({ messages }) => ({ text: `you said: ${String(messages.at(-1)?.content)}` }),
  };
  return model;
}

const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };

function answer(response: ServerResponse, said: Said, index: number): void {
  const calls = said.toolCalls?.map(({ name, args }, at) => ({
    id: `call_${index}_${at}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(args) },
  }));
  const message = { role: 'assistant', content: said.text ?? null, ...(calls && { tool_calls: calls }) };
  response.writeHead(said.status ?? 200, { 'content-type': 'application/json' });
  if (said.errorMessage !== undefined)
    return void response.end(JSON.stringify({ error: { message: said.errorMessage } }));
  response.end(
    JSON.stringify({
      id: `answer-${index}`,
      object: 'chat.completion',
      model: 'scripted',
      choices: [{ index: 0, message, finish_reason: calls ? 'tool_calls' : 'stop' }],
      usage,
    }),
  );
}

function stream(response: ServerResponse, said: Said, index: number): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (delta: object, finish: string | null = null): void => {
    const chunk = { id: `answer-${index}`, object: 'chat.completion.chunk', model: 'scripted' };
    response.write(
      `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
    );
  };
  send({ role: 'assistant', content: '' });
  for (const word of (said.text ?? '').split(/(?<= )/)) send({ content: word });
  said.toolCalls?.forEach(({ name, args }, at) =>
    send({
      tool_calls: [
        {
          index: at,
          id: `call_${index}_${at}`,
          type: 'function',
          function: { name, arguments: JSON.stringify(args) },
        },
      ],
    }),
  );
  send({}, said.toolCalls ? 'tool_calls' : 'stop');
  response.write(
    `data: ${JSON.stringify({ id: `answer-${index}`, object: 'chat.completion.chunk', model: 'scripted', choices: [], usage })}\n\n`,
  );
  response.end('data: [DONE]\n\n');
}
