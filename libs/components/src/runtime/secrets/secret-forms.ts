/** A shorter value occurs in texts by chance: it counts only where it is a whole value. */
export const MIN_SEARCHED = 8;
/** A shorter value is no secret. */
export const MIN_LENGTH = 4;

// Kept, since making the forms of a value costs more than searching for them, and every call of a process searches.
const known = new WeakMap<object, readonly string[]>();

/**
 * The forms in which a text may contain a secret: as it is, escaped in JSON, percent-encoded, in base64 as in Basic
 * authentication. Longer forms come first, since they may contain shorter ones.
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

/** As HTML forms and `URLSearchParams` encode it. */
function asForm(percent: string): string {
  const encoded = percent.replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return encoded.replaceAll('%20', '+');
}

/** The part of a value's base64 that does not depend on the bytes around it, after `shift` bytes. */
function base64Forms(value: string, shift: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(value, 'utf8')]);
  const first = Math.ceil((shift * 8) / 6);
  const form = bytes.toString('base64').slice(first, Math.floor((bytes.length * 8) / 6));
  return [form, form.replaceAll('+', '-').replaceAll('/', '_')];
}
