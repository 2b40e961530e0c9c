/** A shorter value stands in texts by chance: it counts only where it is a whole value. */
export const MIN_SEARCHED = 8;
/** Nothing so short is a secret. */
export const MIN_LENGTH = 4;

// The forms of a value cost more than the search for them; many a secret is sought by every call of a process.
const known = new WeakMap<object, readonly string[]>();

/**
 * As what a secret may stand in a text: as it is, escaped in JSON, percent-encoded, in base64 as in Basic authentication. Forms that
 * hold others come first.
 */
export function formsOf(secret: { readonly value: string }): readonly string[] {
  const forms = known.get(secret) ?? makeForms(secret.value);
  known.set(secret, forms);
  return forms;
}

function makeForms(value: string): readonly string[] {
  const percent = encodeURIComponent(value.toWellFormed());
  const forms = new Set([
    value,
    JSON.stringify(value).slice(1, -1),
    percent,
    percent.replaceAll('%20', '+'),
    asForm(percent),
    ...[0, 1, 2].flatMap((shift) => base64Forms(value, shift)),
  ]);
  return [...forms].toSorted((one, other) => other.length - one.length);
}

/** As forms and `URLSearchParams` encode it. */
function asForm(percent: string): string {
  const encoded = percent.replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return encoded.replaceAll('%20', '+');
}

/** What of a value's base64 does not depend on its neighbours, when `shift` bytes stand before it. */
function base64Forms(value: string, shift: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(value, 'utf8')]);
  const first = Math.ceil((shift * 8) / 6);
  const form = bytes.toString('base64').slice(first, Math.floor((bytes.length * 8) / 6));
  return [form, form.replaceAll('+', '-').replaceAll('/', '_')];
}
