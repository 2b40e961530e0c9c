import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';

/** Receives the parts of HTML as they are read. Names are in lower case; end tags may be missing. */
export interface TagHandler {
  open(name: string, attributes: ReadonlyMap<string, string>): void;
  close(name: string): void;
  text(text: string): void;
}

/** Elements whose content is no markup; a slash in their tag does not close them. */
const rawText: ReadonlySet<string> = new Set(['script', 'style', 'title', 'textarea', 'iframe']);

/**
 * Reads HTML tag by tag. Unlike a parser it keeps no stack of open elements: a page of a million unclosed tags would make
 * that stack cost quadratic time.
 */
export function readTags(html: string, handler: TagHandler): void {
  let name = '';
  let attributes = new Map<string, string>();
  let attribute = '';
  let value = '';
  const opened = (): void => {
    handler.open(name, attributes);
    attributes = new Map();
  };
  const callbacks: TokenizerCallbacks = {
    onopentagname(start, end) {
      name = html.slice(start, end).toLowerCase();
    },
    onattribname(start, end) {
      attribute = html.slice(start, end).toLowerCase();
      value = '';
    },
    onattribdata(start, end) {
      value += html.slice(start, end);
    },
    onattribentity(codepoint) {
      value += String.fromCodePoint(codepoint);
    },
    onattribend() {
      if (!attributes.has(attribute)) attributes.set(attribute, value);
    },
    onopentagend: opened,
    onselfclosingtag() {
      opened();
      if (!rawText.has(name)) handler.close(name);
    },
    onclosetag(start, end) {
      handler.close(html.slice(start, end).toLowerCase());
    },
    ontext(start, end) {
      handler.text(html.slice(start, end));
    },
    ontextentity(codepoint) {
      handler.text(String.fromCodePoint(codepoint));
    },
    oncdata() {},
    oncomment() {},
    ondeclaration() {},
    onprocessinginstruction() {},
    onend() {},
  };
  const tokenizer = new Tokenizer({ decodeEntities: true }, callbacks);
  tokenizer.write(html);
  tokenizer.end();
}
