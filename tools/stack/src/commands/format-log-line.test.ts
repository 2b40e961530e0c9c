import { expect, test } from 'vitest';
import { formatLogLine } from './format-log-line.js';

test('a line of JSON becomes time, level, service, event and fields', () => {
  const line = JSON.stringify({
    '@timestamp': '2026-01-02T03:04:05.678Z',
    'log.level': 'info',
    'service.name': 'executor',
    'process.pid': 7,
    message: 'node finished',
    labels: { nodeId: 'a' },
  });
  expect(formatLogLine('executor', line)).toBe(
    '03:04:05.678 info  executor       node finished {"nodeId":"a"}',
  );
});

test('a line that is not JSON is not changed', () => {
  expect(formatLogLine('auth', 'Error: no')).toBe('auth           Error: no');
});
