import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testNats, testPostgres, waitFor } from '@causeway/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId, withContext } from '#platform';
import { noteText, sayText } from './echo/contracts.js';
import { type EchoDatabase, createEchoDatabase } from './echo-database.js';
import { startBus } from './embedded-bus.js';
import { type Program, buildPrograms, startProgram } from './programs.js';

interface Span {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly status?: { readonly code?: number };
  readonly attributes: readonly { key: string; value: { stringValue?: string; intValue?: number } }[];
}

const nats = await testNats();
const postgresUrl = await testPostgres();
const spans: Span[] = [];
let collector: Server;
let database: EchoDatabase;
let echo: Program;
let tester: Awaited<ReturnType<typeof startBus>>;

beforeAll(async () => {
  buildPrograms();
  database = await createEchoDatabase(postgresUrl);
  collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as {
      resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
    };
    if (request.url === '/v1/traces') {
      for (const { scopeSpans } of body.resourceSpans)
        for (const scope of scopeSpans) spans.push(...scope.spans);
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  tester = await startBus(nats.url);
  echo = startProgram('echo/main', {
    CAUSEWAY_NATS_URL: nats.url,
    CAUSEWAY_DATABASE_URL: database.url,
    CAUSEWAY_ECHO_NAME: 'echo',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
  });
  await echo.ready();
});

afterAll(async () => {
  await echo.stop();
  await tester.service.drain('the test is over');
  collector.close();
  await database.drop();
});

function traceparent(flags: '00' | '01'): { traceId: string; spanId: string; traceparent: string } {
  const traceId = newId().replaceAll('-', '');
  const spanId = traceId.slice(0, 16);
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` };
}

const spansOf = (traceId: string): Span[] => spans.filter((span) => span.traceId === traceId);

test('a traced request has a span where it is handled, child of its sender’s, and its log lines the same trace', async () => {
  const { traceId, spanId, ...context } = traceparent('01');
  await withContext(context, () => tester.bus.request(sayText, { text: 'x', mode: 'refuse' })).catch(
    () => {},
  );
  const [span] = await waitFor(() => spansOf(traceId).length > 0 && spansOf(traceId));
  expect(span).toMatchObject({
    name: `process ${sayText.subject}`,
    parentSpanId: spanId,
    status: { code: 2 },
  });
  expect(span?.attributes).toContainEqual({ key: 'error.type', value: { stringValue: 'FLOW_UNKNOWN' } });
  const line = await waitFor(() => echo.lines.find((each) => each['trace.id'] === traceId));
  expect(line.message).toBe('request refused');
});

test('a traced doorbell has a consumer span, and its broadcasts and requests have the same trace', async () => {
  const { traceId, ...context } = traceparent('01');
  const tenant = { organisationId: newId(), teamId: newId() };
  await withContext(context, () =>
    tester.bus.ring(noteText, { ...tenant, text: 'x' }, { messageId: newId() }),
  );
  const [span] = await waitFor(() => spansOf(traceId).length > 0 && spansOf(traceId));
  expect(span).toMatchObject({ name: `process ${noteText.subject}`, kind: 5 });
  expect(span?.attributes).toContainEqual({
    key: 'messaging.nats.message.delivery_count',
    value: { intValue: 1 },
  });
});

test('an untraced request makes no span', async () => {
  const untraced = traceparent('00');
  const traced = traceparent('01');
  const ask = (context: { traceparent: string }) =>
    withContext({ traceparent: context.traceparent }, () => tester.bus.request(sayText, { text: 'x' }));
  await ask(untraced);
  await ask(traced);
  await waitFor(() => spansOf(traced.traceId).length === 1);
  expect(spansOf(untraced.traceId)).toEqual([]);
});
