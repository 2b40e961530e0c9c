import { monitorEventLoopDelay } from 'node:perf_hooks';
import { countDroppedLines } from '../logging/log.js';
import { gauge, observedCounter } from './metrics.js';

/** Declares the metrics of every Node process: memory, processor time, event-loop lag. @internal */
export function declareProcessMetrics(version: string): () => void {
  // At 20 ms the sampling itself has no measurable cost.
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  gauge('nodejs_eventloop_lag_p99_seconds', 'Event-loop lag since the last scrape, 99th percentile.', () => {
    const lag = Math.max(0, delay.percentile(99) / 1e9 - 0.02);
    delay.reset();
    return lag;
  });
  gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  gauge('nodejs_heap_size_used_bytes', 'Heap in use.', () => process.memoryUsage().heapUsed);
  gauge('nodejs_heap_size_total_bytes', 'Heap reserved.', () => process.memoryUsage().heapTotal);
  observedCounter('process_cpu_seconds_total', 'Processor time, user and system together.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge('process_start_time_seconds', 'Unix time of the start.', () => Date.now() / 1000 - process.uptime());
  observedCounter(
    'causeway_log_lines_dropped_total',
    'Log lines that could not be written, as on a full disk.',
    countDroppedLines,
  );
  gauge('causeway_build_info', 'Always 1; the version is a label.', () => [
    { value: 1, labels: { version } },
  ]);
  return () => delay.disable();
}
