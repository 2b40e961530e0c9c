import { expect, test } from 'vitest';
import { counter, gauge, histogram, observedCounter, scrapeMetrics } from './metrics.js';

test('instruments are written in Prometheus’ text format', async () => {
  const requests = counter('test_requests_total', 'Requests.');
  requests.add();
  requests.add(2, { route: '/a"b\\', ok: true });
  requests.add(1, { route: '/a"b\\', ok: true });
  const duration = histogram('test_duration_seconds', 'Duration.', [0.1, 1]);
  for (const value of [0.1, 0.5, 5]) duration.record(value);
  gauge('test_depth', 'Depth.', async () => [{ value: 3, labels: { queue: 'a' } }]);
  gauge('test_broken', 'Broken.', () => {
    throw new Error('not now');
  });
  observedCounter('test_seen_total', 'Seen.', () => 7);
  const lines = (await scrapeMetrics({ service: 's' })).split('\n').filter((line) => line.includes('test_'));
  expect(lines).toEqual([
    '# HELP test_requests_total Requests.',
    '# TYPE test_requests_total counter',
    'test_requests_total{service="s"} 1',
    'test_requests_total{service="s",route="/a\\"b\\\\",ok="true"} 3',
    '# HELP test_duration_seconds Duration.',
    '# TYPE test_duration_seconds histogram',
    'test_duration_seconds_bucket{service="s",le="0.1"} 1',
    'test_duration_seconds_bucket{service="s",le="1"} 2',
    'test_duration_seconds_bucket{service="s",le="+Inf"} 3',
    'test_duration_seconds_sum{service="s"} 5.6',
    'test_duration_seconds_count{service="s"} 3',
    '# HELP test_depth Depth.',
    '# TYPE test_depth gauge',
    'test_depth{service="s",queue="a"} 3',
    '# HELP test_seen_total Seen.',
    '# TYPE test_seen_total counter',
    'test_seen_total{service="s"} 7',
  ]);
});
