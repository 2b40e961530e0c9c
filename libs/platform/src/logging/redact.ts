const SECRET_NAME =
  /^(authorization|proxy-authorization|cookie|set-cookie|x-api-key|api_?key|password|passwd|secret|client_?secret|master_?key|access_?token|refresh_?token|sealed\w*)$/i;
const DEEPEST = 6;

/** A copy without the values that stand under secret-looking names, at any depth that is logged. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value;
  if (value instanceof Error) return { type: value.name, message: value.message };
  if (depth >= DEEPEST) return '[deeper]';
  if (Array.isArray(value)) return value.map((member) => redact(member, depth + 1));
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    copy[name] = SECRET_NAME.test(name) ? '[redacted]' : redact(member, depth + 1);
  }
  return copy;
}
