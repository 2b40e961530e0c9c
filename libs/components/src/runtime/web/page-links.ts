/** Links of one page that are followed. */
export const maxLinks = 1_000;
/** Anchors of one page that are searched for links. */
const maxAnchors = 10 * maxLinks;
/** Characters of an address in a page: each link is written as a full address, however short it is in the page. */
const maxLinkLength = 2_000;
const maxBaseLength = 2_048;

/** An address of a page as a full one; undefined when it is none, or too long. */
export function resolveLink(href: string, base: string): URL | undefined {
  if (href.length > maxLinkLength) return undefined;
  const url = URL.parse(href, base);
  return url === null || url.href.length > maxLinkLength ? undefined : url;
}

/** The links of a page, collected while its tags are read. */
export class PageLinks {
  private readonly found = new Set<string>();
  private base: string;
  private anchors = 0;

  constructor(private readonly address: string) {
    this.base = address;
  }

  /** Sets the base of the links that follow; one that is too long is ignored. */
  rebase(href: string): void {
    if (href.length > maxBaseLength) return;
    const base = URL.parse(href, this.address)?.href ?? this.base;
    if (base.length <= maxBaseLength) this.base = base;
  }

  add(href: string): void {
    this.anchors += 1;
    if (this.found.size >= maxLinks || this.anchors > maxAnchors) return;
    const url = resolveLink(href, this.base);
    if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) return;
    url.hash = '';
    this.found.add(url.href);
  }

  list(): readonly string[] {
    return [...this.found];
  }
}
