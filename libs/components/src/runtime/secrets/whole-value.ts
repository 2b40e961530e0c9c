type Value = { readonly value: string };

// Kept, since every call of a process searches for its secrets.
const patterns = new WeakMap<object, RegExp>();

/**
 * Whether a text contains a value as a whole: as a value of a form, of a query or of JSON (also of JSON inside a text),
 * or alone. Short values occur inside others, and as names of members, by chance.
 */
export function isWholeValueIn(text: string, secret: Value): boolean {
  return text.includes(secret.value) && text.search(patternOf(secret)) >= 0;
}

/** The same text with a mask instead of each such value; JSON is still valid JSON. */
export function maskWholeValues(text: string, secret: Value, mask: string): string {
  if (!text.includes(secret.value)) return text;
  return text.replace(patternOf(secret), (_value: string, number: string | undefined) =>
    number === undefined ? mask : `"${mask}"`,
  );
}

function patternOf(secret: Value): RegExp {
  const pattern = patterns.get(secret) ?? makePattern(secret.value);
  patterns.set(secret, pattern);
  return pattern;
}

function makePattern(value: string): RegExp {
  const plain = escaped(value);
  const isNumber = /^-?\d+(?:\.\d+)?$/.test(value);
  return new RegExp(
    [
      `(?<=")${escaped(JSON.stringify(value).slice(1, -1))}(?=\\\\*"(?!\\s*:))`,
      `(?<==)(?:${plain}|${escaped(encodeURIComponent(value.toWellFormed()))})(?=[&#\\s]|$)`,
      `(?<=^\\s*)${plain}(?=\\s*$)`,
      ...(isNumber ? [`(?<=[:[,]\\s*)(${plain})(?=\\s*[,\\]}])`] : []),
    ].join('|'),
    'g',
  );
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
