import { log } from '../logging/log.js';
import { type MetricFamilies, addForeignMetrics, metricsText } from './metric-families.js';

/** Labels of a series. Each has few values, known in advance: never an id, a text or a subject with ids. */
export type MetricLabels = Readonly<Record<string, string | number | boolean>>;

export interface Counter {
  /** @default 1 */
  add(value?: number, labels?: MetricLabels): void;
}

export interface Histogram {
  record(value: number, labels?: MetricLabels): void;
}

/** One value of a gauge, or one per set of labels. */
export type Reading = number | readonly { readonly value: number; readonly labels: MetricLabels }[];

interface Instrument {
  readonly description: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Lines without the name's head: `_suffix{labels} value`. */
  read(constant: string): Promise<string[]> | string[];
}

/** Bounds in seconds, from OpenTelemetry's conventions for HTTP; they suit every kind of answer. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * All instruments of the process. Kept here and written in Prometheus' text format, since the OpenTelemetry metrics SDK
 * costs each process about 14 MB and a tenth of its start, for the same lines.
 */
const instruments = new Map<string, Instrument>();

/** Declares a counter, at module level. The name ends in `_total`. */
export function counter(name: string, description: string): Counter {
  const values = new Map<string, number>();
  instruments.set(name, {
    description,
    type: 'counter',
    read: (constant) => [...values].map(([labels, value]) => `${braces(constant, labels)} ${value}`),
  });
  return {
    add: (value = 1, labels) => {
      const key = textOf(labels);
      values.set(key, (values.get(key) ?? 0) + value);
    },
  };
}

/** Declares a histogram, at module level. The name ends in its unit. @default bounds for the seconds of an answer */
export function histogram(name: string, description: string, bounds: readonly number[] = SECONDS): Histogram {
  const series = new Map<string, { counts: number[]; sum: number }>();
  instruments.set(name, {
    description,
    type: 'histogram',
    read: (constant) =>
      [...series].flatMap(([labels, { counts, sum }]) => bucketLines(constant, labels, bounds, counts, sum)),
  });
  return {
    record: (value, labels) => {
      const key = textOf(labels);
      let one = series.get(key);
      if (!one)
        series.set(key, (one = { counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 }));
      let index = 0;
      while (index < bounds.length && value > (bounds[index] as number)) index += 1;
      one.counts[index] = (one.counts[index] as number) + 1;
      one.sum += value;
    },
  };
}

/** Declares a gauge, read at each scrape. A reading that throws is left out of that scrape. */
export function gauge(name: string, description: string, read: () => Reading | Promise<Reading>): void {
  instruments.set(name, observed('gauge', description, read));
}

/** Declares a counter that something else keeps, read at each scrape. The name ends in `_total`. */
export function observedCounter(
  name: string,
  description: string,
  read: () => Reading | Promise<Reading>,
): void {
  instruments.set(name, observed('counter', description, read));
}

/**
 * Every series in Prometheus' text format.
 *
 * @param constant  labels that every series gets
 */
export async function scrapeMetrics(constant: MetricLabels): Promise<string> {
  const shared = textOf(constant);
  const others = elsewhere?.().catch((error: unknown) => {
    log.debug({ error }, 'metrics of other processes not read');
    return [];
  });
  const own = await Promise.all(
    [...instruments].map(async ([name, { description, type, read }]) => {
      const lines = await linesOf(name, () => read(shared));
      const head = `# HELP ${name} ${description.replaceAll('\n', ' ')}\n# TYPE ${name} ${type}\n`;
      return [name, { head, lines: lines.map((line) => `${name}${line}`) }] as const;
    }),
  );
  const families: MetricFamilies = new Map(own);
  for (const { text, labels } of (await others) ?? []) addForeignMetrics(families, text, textOf(labels));
  return metricsText(families);
}

/** The metrics of another process of this service. */
export interface ForeignMetrics {
  /** The text of its `/metrics`. */
  readonly text: string;
  /** Labels that identify the process: few values, known in advance. */
  readonly labels: MetricLabels;
}

let elsewhere: (() => Promise<readonly ForeignMetrics[]>) | undefined;

/** Shows the metrics of other processes at this process's port, read at each scrape: for child processes whose ports are not known to monitoring. */
export function showMetricsOf(read: () => Promise<readonly ForeignMetrics[]>): void {
  elsewhere = read;
}

async function linesOf(name: string, read: () => Promise<string[]> | string[]): Promise<string[]> {
  try {
    return await read();
  } catch (error) {
    log.debug({ error, metric: name }, 'gauge not read');
    return [];
  }
}

function observed(
  type: 'counter' | 'gauge',
  description: string,
  read: () => Reading | Promise<Reading>,
): Instrument {
  const lines = (constant: string, reading: Reading): string[] =>
    typeof reading === 'number'
      ? [`${braces(constant, '')} ${reading}`]
      : reading.map(({ value, labels }) => `${braces(constant, textOf(labels))} ${value}`);
  return { description, type, read: async (constant) => lines(constant, await read()) };
}

function bucketLines(
  constant: string,
  labels: string,
  bounds: readonly number[],
  counts: readonly number[],
  sum: number,
): string[] {
  let total = 0;
  const lines = counts.map((count, index) => {
    total += count;
    return `_bucket${braces(constant, labels, `le="${bounds[index] ?? '+Inf'}"`)} ${total}`;
  });
  return [...lines, `_sum${braces(constant, labels)} ${sum}`, `_count${braces(constant, labels)} ${total}`];
}

function braces(...labels: string[]): string {
  const given = labels.filter((text) => text !== '');
  return given.length === 0 ? '' : `{${given.join(',')}}`;
}

/** The text of labels; the same labels in the same order give the same series. */
function textOf(labels: MetricLabels | undefined): string {
  let text = '';
  for (const name in labels) {
    const value = String(labels[name]);
    const escaped = /["\\\n]/.test(value)
      ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
      : value;
    text += `${text === '' ? '' : ','}${name}="${escaped}"`;
  }
  return text;
}
