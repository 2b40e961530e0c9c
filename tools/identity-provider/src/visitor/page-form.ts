import { Parser } from 'htmlparser2';

/** A form of a page, with the values that it has now. */
export interface PageForm {
  readonly method: 'GET' | 'POST';
  /** Absolute address. */
  readonly action: string;
  /** Inputs with a name; buttons are not among them. */
  readonly fields: Readonly<Record<string, string>>;
  /** Name of the first password field. */
  readonly passwordField?: string;
  /** Name of the first field for text or an email address. */
  readonly userField?: string;
}

/** The forms of a page, in their order. */
export function findForms(page: { readonly url: string; readonly body: string }): PageForm[] {
  const forms: Form[] = [];
  let open: Form | undefined;
  const parser = new Parser({
    onopentag: (tag, { name, type = 'text', value = '', method, action, ...attributes }) => {
      if (tag === 'form') {
        open = {
          method: method?.toUpperCase() === 'POST' ? 'POST' : 'GET',
          action: new URL(action ?? '', page.url).href,
          fields: {},
        };
        forms.push(open);
      }
      if (tag !== 'input' || name === undefined || open === undefined) return;
      if (['submit', 'button', 'image', 'reset', 'file'].includes(type)) return;
      if (['checkbox', 'radio'].includes(type) && attributes['checked'] === undefined) return;
      open.fields[name] = value;
      if (type === 'password') open.passwordField ??= name;
      if (type === 'text' || type === 'email') open.userField ??= name;
    },
    onclosetag: (tag) => {
      if (tag === 'form') open = undefined;
    },
  });
  parser.end(page.body);
  return forms;
}

/** The form that a page posts by a script as soon as it is there, such as one with `response_mode=form_post`. */
export function findScriptedForm(page: {
  readonly url: string;
  readonly body: string;
}): PageForm | undefined {
  if (!/<script[^>]*>[^<]*\.submit\(\)/.test(page.body)) return undefined;
  return findForms(page).find(({ method }) => method === 'POST');
}

type Form = { -readonly [Key in keyof PageForm]: PageForm[Key] } & { fields: Record<string, string> };
