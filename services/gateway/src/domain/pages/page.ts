import { type Html, type Part, html } from './html.js';
import { plainText, shownText } from './shown-text.js';

/** A page that the heading of every page leads to. */
export interface PageLink {
  readonly path: string;
  readonly text: string;
}

/** A whole page. */
export interface Page {
  readonly title: string;
  readonly content: Part;
  /** Who is signed in. */
  readonly name?: string | undefined;
  /** With which forms prove that they are from a page of this site; only for somebody who is signed in. */
  readonly csrf?: string | undefined;
  /** The browser goes on to this address by itself. */
  readonly next?: string;
  /** Other pages, for whoever sees this one. */
  readonly links?: readonly PageLink[];
  /** The path of this page. */
  readonly path?: string;
  /** It has wide lists, and uses more of a wide window. @default false */
  readonly isWide?: boolean;
}

/** Nothing but the page's own style and forms of this site. A page may be shown in no frame. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Writes a page. */
export function pageText(page: Page): string {
  const { title, content, next, isWide } = page;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        ${next !== undefined && html`<meta http-equiv="refresh" content="0; url=${next}" />`}
        <title>${plainText(title)} · Causeway</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/pages.css" />
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header>
          <a class="home" href="/">Causeway</a>
          <nav aria-label="Pages">${navigation(page)}</nav>
        </header>
        <main id="content" ${isWide && html`class="wide"`}>
          <h1>${shownText(title)}</h1>
          ${content}
        </main>
      </body>
    </html> `.text;
}

function navigation({ name, csrf, links = [], path }: Page): Html {
  const pages = links.map(
    (link) =>
      html`<a href="${link.path}" ${link.path === path && html`aria-current="page"`}>${link.text}</a> `,
  );
  if (name === undefined) return html`${pages}<a href="/sign-in">Sign in</a>`;
  return html`${pages}<span class="who">${shownText(name)}</span> ${
      csrf !== undefined &&
      html`<form method="post" action="/sign-out">${csrfField(csrf)}<button>Sign out</button></form>`
    }`;
}

/** The hidden field of a form that changes something. */
export function csrfField(csrf: string): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}" />`;
}

/** A table with a caption. In a narrow window each row is a block, and each cell says which column it is of; the roles keep it a table. */
export function pageTable(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly Part[])[],
): Html {
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table class="stacks" role="table">
      <caption>
        ${caption}
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          ${heads.map((head) => (head === '' ? html`<td role="cell"></td>` : html`<th scope="col" role="columnheader">${head}</th>`))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${
          rows.length === 0 &&
          html`<tr role="row">
            <td role="cell" colspan="${heads.length}" class="quiet">none</td>
          </tr>`
        }
        ${rows.map(
          (row) =>
            html`<tr role="row">
              ${row.map((cell, at) => html`<td role="cell" ${heads[at] !== '' && html`data-label="${heads[at] ?? ''}"`}>${typeof cell === 'string' ? shownText(cell) : cell}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

/** A time as people read it. */
export function shownTime(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
}
