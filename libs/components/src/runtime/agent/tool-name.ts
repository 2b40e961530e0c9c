/** Method names that say nothing about what a tool does. */
const genericMethods: ReadonlySet<string> = new Set([
  'output',
  'process',
  'build_output',
  'run',
  'execute',
  'main',
  'handler',
  'build_result',
]);

const MAX_LENGTH = 64;

/**
 * What a tool made of a component's output is called: its method; for a component with one output whose method says
 * nothing, the component's type.
 */
export function toolName(method: string, type: string, isOnlyOutput: boolean): string {
  return cleanToolName(isOnlyOutput && genericMethods.has(method) ? snakeCase(type) : method);
}

/** A name as providers accept it: letters, digits, `_` and `-`, 64 at most. */
export function cleanToolName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, MAX_LENGTH);
}

/** `HTTPClient` → `http_client`, `S3Bucket` → `s3_bucket`. */
function snakeCase(name: string): string {
  return name
    .replace(/[A-Z](?=[A-Z][a-z])/g, '$&_')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
