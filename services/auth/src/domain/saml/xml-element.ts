/** An element of an XML document, as plain data. Comments and other nodes are in no document that is read here. */
export interface XmlElement {
  /** The empty text when it has none. */
  readonly namespace: string;
  /** Without the prefix. */
  readonly name: string;
  /** By name; without declarations of namespaces. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The texts directly in it, joined. */
  readonly text: string;
}

/** The namespaces of SAML 2.0 and of XML signatures. */
export const Namespace = {
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
} as const;

/** Why a message is refused. Its text continues the sentence “it …”, about what the identity provider has sent. */
export class SamlProblem extends Error {}

/** The children with this name. */
export function childrenOf({ children }: XmlElement, namespace: string, name: string): XmlElement[] {
  return children.filter((child) => child.name === name && child.namespace === namespace);
}

/** The only child with this name. @throws SamlProblem when there is none or another one */
export function onlyChildOf(parent: XmlElement, namespace: string, name: string): XmlElement {
  const [found, ...others] = childrenOf(parent, namespace, name);
  if (!found || others.length > 0)
    throw new SamlProblem(`it has ${found ? others.length + 1 : 'no'} ${name} in ${parent.name}, not one`);
  return found;
}

/** The element and everything in it, in their order. */
export function* allIn(element: XmlElement): Generator<XmlElement> {
  const waiting = [element];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    yield next;
    waiting.push(...next.children.toReversed());
  }
}
