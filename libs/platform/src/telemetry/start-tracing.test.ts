import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { trace } from '@opentelemetry/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withContext } from '../context/context.js';
import { span } from './span.js';
import { startTracing } from './start-tracing.js';

interface Sent {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

const sent: Sent[] = [];
const collector = createServer(async (request, response) => {
  const body = JSON.parse(await text(request)) as {
    resourceSpans: { scopeSpans: { spans: Sent[] }[] }[];
  };
  sent.push(...body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
  response.setHeader('content-type', 'application/json').end('{}');
});
beforeAll(() => new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve)));
afterAll(() => void collector.close());

test('spans join the incoming trace, a library’s spans join own ones, and nothing else is sent', async () => {
  const { port } = collector.address() as AddressInfo;
  const stop = startTracing(`http://127.0.0.1:${port}`, { name: 'test', version: '1', environment: 'test' });
  const traceId = 'a'.repeat(32);
  const traceparent = `00-${traceId}-${'b'.repeat(16)}-01`;
  await withContext({ traceparent }, () =>
    span('node.execute', {}, async () => {
      await Promise.resolve();
      trace.getTracer('library').startSpan('library.call').end();
    }),
  );
  withContext({ traceparent: `${traceparent.slice(0, -1)}0` }, () =>
    span('untraced.work', {}, () => undefined),
  );
  await stop();
  expect(sent.map(({ name }) => name).toSorted()).toEqual(['library.call', 'node.execute']);
  const ours = sent.find(({ name }) => name === 'node.execute');
  expect(ours).toMatchObject({ traceId, parentSpanId: 'b'.repeat(16) });
  expect(sent.find(({ name }) => name === 'library.call')).toMatchObject({
    traceId,
    parentSpanId: ours?.spanId,
  });
  expect(trace.getTracer('library').startSpan('after').isRecording()).toBe(false);
});
