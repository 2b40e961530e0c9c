import { DOMParser } from '@xmldom/xmldom';
import { SamlProblem, type XmlElement } from '../../domain/saml/xml-element.js';

/** Elements inside each other, and in all. */
const MOST_DEPTH = 40;
const MOST_ELEMENTS = 20_000;
/** Characters of one tag: the parser compares its attributes with each other. */
const MOST_TAG = 8_000;
/** What XML cannot hold, however it is written. */
const NO_CHARACTER = /(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/u;

const ELEMENT_NODE = 1;
const TEXT_NODE = 3;

/** What this file uses of the library’s nodes. */
interface DomNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly localName?: string;
  readonly namespaceURI?: string | null;
  readonly data?: string;
  readonly attributes?: ArrayLike<{ readonly name: string; readonly value: string }>;
  readonly firstChild: DomNode | null;
  readonly nextSibling: DomNode | null;
}

/**
 * Parses XML with the parser that the signatures are verified with, so that both read the same. Only elements and texts are read:
 * a document type, an entity, a comment, CDATA or a processing instruction is refused before anything is parsed, since a message of an identity
 * provider needs none of them, and readers differ in what they make of them.
 *
 * @throws SamlProblem
 */
export function parseXml(text: string): XmlElement {
  const body = text.replace(/^\uFEFF?\s*<\?xml\s[^<>]*\?>/, '');
  const [, kind] = /<([!?].{0,7})/s.exec(body) ?? [];
  if (kind !== undefined) throw new SamlProblem(`it holds ${whatIs(kind)}, which is not accepted`);
  if (new RegExp(`<[^<>]{${MOST_TAG}}`).test(body))
    throw new SamlProblem(`one of its tags has more than ${MOST_TAG} characters`);
  let problem: string | undefined;
  const note = (message: unknown): void => {
    problem ??= String(message);
  };
  let document: DomNode | undefined;
  try {
    const parser = new DOMParser({
      locator: {},
      errorHandler: { warning: note, error: note, fatalError: note },
    });
    // The library’s type is the browser’s, of which `DomNode` names what is used.
    document = parser.parseFromString(body, 'text/xml') as unknown as DomNode | undefined;
  } catch (error) {
    note((error as Error).message);
  }
  const roots = document ? [...nodesIn(document)].filter(({ nodeType }) => nodeType === ELEMENT_NODE) : [];
  const [root, ...others] = roots;
  if (problem !== undefined || !root || others.length > 0) throw new SamlProblem('it is no well-formed XML');
  return read(root);
}

function whatIs(kind: string): string {
  if (kind.startsWith('!--')) return 'a comment';
  if (kind.startsWith('![CDATA')) return 'a CDATA section';
  return kind.startsWith('?') ? 'a processing instruction' : 'a document type or an entity';
}

function read(root: DomNode): XmlElement {
  let count = 0;
  const readOne = (node: DomNode, depth: number): XmlElement => {
    count += 1;
    if (depth > MOST_DEPTH || count > MOST_ELEMENTS)
      throw new SamlProblem(
        `it has more than ${MOST_ELEMENTS} elements, or more than ${MOST_DEPTH} inside each other`,
      );
    const children: XmlElement[] = [];
    let text = '';
    for (const child of nodesIn(node)) {
      if (child.nodeType === ELEMENT_NODE) children.push(readOne(child, depth + 1));
      else if (child.nodeType === TEXT_NODE) text += child.data ?? '';
      else throw new SamlProblem('it holds more than elements and texts');
    }
    const attributes = new Map(
      Array.from(node.attributes ?? [], ({ name, value }) => [name, value] as const).filter(
        ([name]) => !/^xmlns(:|$)/.test(name),
      ),
    );
    if ([text, ...attributes.values()].some((one) => NO_CHARACTER.test(one) || !one.isWellFormed()))
      throw new SamlProblem('it is no well-formed XML: it holds a character that XML does not have');
    return {
      namespace: node.namespaceURI ?? '',
      name: node.localName ?? node.nodeName,
      attributes,
      children,
      text,
    };
  };
  return readOne(root, 1);
}

function* nodesIn(node: DomNode): Generator<DomNode> {
  for (let child = node.firstChild; child; child = child.nextSibling) yield child;
}
