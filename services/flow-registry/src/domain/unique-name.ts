/** The longest name of a flow or project. */
export const NAME_LENGTH = 500;
/** Characters of an endpoint name. */
export const ENDPOINT_LENGTH = 200;

/** A name that is not taken: the wanted one, else `X (1)`, `X (2)`… */
export function uniqueName(wanted: string, taken: ReadonlySet<string>): string {
  return firstFree(wanted, taken, NAME_LENGTH, (n) => ` (${n})`);
}

/** An endpoint name that is not taken: the wanted one, else `x-1`, `x-2`… */
export function uniqueEndpoint(wanted: string, taken: ReadonlySet<string>): string {
  return firstFree(wanted, taken, ENDPOINT_LENGTH, (n) => `-${n}`);
}

/** Makes an endpoint name from any text, since a file may hold any text; null when it has no usable character. */
export function endpointNameOf(text: string): string | null {
  const name = text
    .replace(/[^\w-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, ENDPOINT_LENGTH);
  return name === '' ? null : name;
}

function firstFree(
  wanted: string,
  taken: ReadonlySet<string>,
  length: number,
  suffix: (n: number) => string,
): string {
  if (!taken.has(wanted)) return wanted;
  for (let n = 1; ; n++) {
    const end = suffix(n);
    const name = wanted.slice(0, length - end.length).toWellFormed() + end;
    if (!taken.has(name)) return name;
  }
}
