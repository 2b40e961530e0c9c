/** One metric in Prometheus' text format: its head and its series. */
export interface MetricFamily {
  /** The `# HELP` and `# TYPE` lines. */
  readonly head: string;
  readonly lines: string[];
}

/** Metrics by name, in the order in which they are shown. */
export type MetricFamilies = Map<string, MetricFamily>;

/**
 * Adds the metrics of another process. The lines of one metric stay together, as the format requires.
 *
 * @param text   in Prometheus' text format, as `/metrics` of our processes returns it
 * @param label  a label that names the process, such as `runner="shared"`
 */
export function addForeignMetrics(families: MetricFamilies, text: string, label: string): void {
  let current: MetricFamily | undefined;
  let head = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('# HELP ')) head = `${line}\n`;
    else if (line.startsWith('# TYPE ')) {
      const [, , name = ''] = line.split(' ');
      current = families.get(name) ?? { head: `${head}${line}\n`, lines: [] };
      families.set(name, current);
    } else if (line !== '') current?.lines.push(labelled(line, label));
  }
}

/** The text that `/metrics` returns. */
export function metricsText(families: MetricFamilies): string {
  return [...families.values()]
    .filter(({ lines }) => lines.length > 0)
    .map(({ head, lines }) => head + lines.map((line) => `${line}\n`).join(''))
    .join('');
}

function labelled(line: string, label: string): string {
  const brace = line.indexOf('{');
  const space = line.indexOf(' ');
  if (brace < 0 || brace > space) return `${line.slice(0, space)}{${label}}${line.slice(space)}`;
  return `${line.slice(0, brace + 1)}${label},${line.slice(brace + 1)}`;
}
