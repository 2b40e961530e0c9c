import { createHash } from 'node:crypto';
import { Html } from './html.js';
import { PAGE_POLICY } from './page.js';

const TEXT = 'document.forms[0].submit()';

/** Sends the only form of a page as soon as the page is there. Without scripts, its button does the same. */
export const SUBMIT_SCRIPT = new Html(`<script>${TEXT}</script>`);

/** The policy of a page with this script: no other one runs there. */
export const submitPolicy = `${PAGE_POLICY}; script-src 'sha256-${createHash('sha256').update(TEXT).digest('base64')}'`;
