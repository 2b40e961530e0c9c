/** Fields that every line of a service has and that are left out. */
const ALWAYS_THERE = /^(ecs\.version|service\..*|process\.pid|event\.action)$/;

/** A service's log line (JSON with ECS names) for a person: time, level, service, event, and the other fields. */
export function formatLogLine(service: string, line: string): string {
  const entry = parse(line);
  if (!entry) return `${service.padEnd(14)} ${line}`;
  const { '@timestamp': time, 'log.level': level, message, labels, ...others } = entry;
  const fields = Object.entries({ ...others, ...(labels as object | undefined) }).filter(
    ([name]) => !ALWAYS_THERE.test(name),
  );
  const rest = fields.length > 0 ? ` ${JSON.stringify(Object.fromEntries(fields))}` : '';
  const clock = String(time ?? '').slice(11, 23);
  return `${clock} ${String(level ?? '').padEnd(5)} ${service.padEnd(14)} ${String(message ?? '')}${rest}`;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
