import type { Operation, Parameter, Schema } from './operations.js';

const MOST_DEPTH = 5;

/** A line for a shell that calls the operation; `$URL` and `$KEY` are the reader's own. */
export function exampleCall(operation: Operation): string {
  const { method, path, parameters, security, requestBody } = operation;
  const query = parameters.filter((one) => one.in === 'query' && one.required);
  const asked = query.map(({ name, schema }) => `${name}=${encodeURIComponent(String(exampleOf(schema)))}`);
  const address = `$URL${path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => shellName(name))}`;
  const parts = [
    'curl -sS',
    method === 'GET' ? undefined : `-X ${method}`,
    `"${address}${asked.length > 0 ? `?${asked.join('&')}` : ''}"`,
    security.length > 0 ? '-H "x-api-key: $KEY"' : undefined,
    ...bodyOf(requestBody),
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}

/** The names of the path that the line leaves to the reader. */
export function leftToFill({ parameters }: Pick<Operation, 'parameters'>): string[] {
  return parameters.filter((one: Parameter) => one.in === 'path').map(({ name }) => shellName(name).slice(1));
}

/** A value that fits a schema, such as a reader would send: what must be there, or else the first member. */
export function exampleOf(schema: Schema, depth = 0): unknown {
  const one = schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;
  if (one.const !== undefined) return one.const;
  if (one.enum) return one.enum[0];
  if (one.default !== undefined) return one.default;
  switch ([one.type ?? 'any'].flat().find((type) => type !== 'null')) {
    case 'object': {
      const members = Object.entries(one.properties ?? {});
      const wanted = members.filter(([member]) => one.required?.includes(member));
      const shown = wanted.length > 0 ? wanted : members.slice(0, 1);
      if (depth >= MOST_DEPTH) return {};
      return Object.fromEntries(shown.map(([member, own]) => [member, exampleOf(own, depth + 1)]));
    }
    case 'array':
      return one.items === undefined || depth >= MOST_DEPTH ? [] : [exampleOf(one.items, depth + 1)];
    case 'integer':
    case 'number':
      return Math.max(one.minimum ?? 1, 1);
    case 'boolean':
      return true;
    case 'string':
      return texts.get(one.format ?? '') ?? '…';
    default:
      return {};
  }
}

function bodyOf(body: Operation['requestBody']): string[] {
  const [first] = Object.entries(body?.content ?? {});
  if (!first) return [];
  const [type, { schema = {} }] = first;
  if (type === 'multipart/form-data') return ['-F file=@FILE'];
  if (type === '*/*') return ['--data-binary @FILE'];
  const example = exampleOf(schema);
  if (type === 'application/json')
    return [
      `-H 'content-type: application/json'`,
      `-d '${JSON.stringify(example).replaceAll("'", String.raw`'\''`)}'`,
    ];
  return Object.entries(example as Record<string, unknown>).map(
    ([name, value]) => `--data-urlencode '${name}=${String(value).replaceAll("'", String.raw`'\''`)}'`,
  );
}

function shellName(name: string): string {
  return `$${name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

const texts: ReadonlyMap<string, string> = new Map([
  ['uuid', '0198c6de-5b1f-7c3a-9f50-2d6f0a3b9c11'],
  ['date-time', '2027-01-31T12:00:00Z'],
  ['uri', 'https://example.com'],
]);
