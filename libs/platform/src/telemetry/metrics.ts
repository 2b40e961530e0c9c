import type { Meter } from '@opentelemetry/api';

/** Few values each, known in advance: never an id, a text or a subject with ids. */
export type MetricLabels = Readonly<Record<string, string | number | boolean>>;

export interface Counter {
  add(value?: number, labels?: MetricLabels): void;
}

export interface Histogram {
  record(value: number, labels?: MetricLabels): void;
}

/** One value of a gauge, or one per set of labels. */
export type Reading = number | readonly { readonly value: number; readonly labels: MetricLabels }[];

/** Bounds in seconds of the HTTP conventions; fit for anything that answers. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

let meter: Meter | undefined;
const waiting: ((meter: Meter) => void)[] = [];

/** Lets instruments record; those declared before are bound now. What they counted before is lost. @internal */
export function startInstruments(started: Meter): void {
  meter = started;
  for (const bind of waiting.splice(0)) bind(started);
}

function bound(bind: (meter: Meter) => void): void {
  if (meter) bind(meter);
  else waiting.push(bind);
}

/** Declares a counter, at module level. The name ends in `_total`. */
export function counter(name: string, description: string): Counter {
  let add: ((value: number, labels?: MetricLabels) => void) | undefined;
  bound((started) => {
    const instrument = started.createCounter(name, { description });
    add = (value, labels) => instrument.add(value, labels);
  });
  return { add: (value = 1, labels) => add?.(value, labels) };
}

/** Declares a histogram, at module level. The name ends in its unit. @default bounds for seconds of an answer */
export function histogram(name: string, description: string, bounds: readonly number[] = SECONDS): Histogram {
  let record: ((value: number, labels?: MetricLabels) => void) | undefined;
  bound((started) => {
    const instrument = started.createHistogram(name, {
      description,
      advice: { explicitBucketBoundaries: [...bounds] },
    });
    record = (value, labels) => instrument.record(value, labels);
  });
  return { record: (value, labels) => record?.(value, labels) };
}

/** Declares a gauge, read at each scrape. A reading that throws is left out of that scrape. */
export function gauge(name: string, description: string, read: () => Reading | Promise<Reading>): void {
  bound((started) => {
    started.createObservableGauge(name, { description }).addCallback(async (result) => {
      const reading = await read();
      if (typeof reading === 'number') result.observe(reading);
      else for (const { value, labels } of reading) result.observe(value, labels);
    });
  });
}
