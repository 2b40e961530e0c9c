/** Method names that do not say what a tool does. */
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
 * The name of a tool that is made from a component's output: its method; or the component's type, if the component has
 * one output whose method has a general name.
 */
export function toolName(method: string, type: string, isOnlyOutput: boolean): string {
  return cleanToolName(isOnlyOutput && genericMethods.has(method) ? snakeCase(type) : method);
}

/** A name in the form that providers accept: letters, digits, `_` and `-`, at most 64. */
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
