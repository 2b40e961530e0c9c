import type { DeviceQuestion, Principal } from '@causeway/contracts';
import { type Html, html } from '../../domain/pages/html.js';
import { permissionText } from '../../domain/pages/permission-text.js';

const LEARNS = {
  openid: 'an id that means you',
  profile: 'your name',
  email: 'your e-mail address',
} as const;

/** What a program asks for, as people read it. */
export function askedAccess(
  { permissions, learns }: Pick<DeviceQuestion, 'permissions' | 'learns'>,
  lacked: Principal['permissions'],
): Html {
  return html`${
      permissions.length > 0 &&
      html`<h2>It may then</h2>
        <ul>
          ${permissions.map((one) => html`<li>${permissionText[one]} <span class="quiet">${one}</span></li>`)}
        </ul>`
    }
    ${
      learns.length > 0 &&
      html`<h2>It learns</h2>
        <ul>
          ${learns.map((one) => html`<li>${LEARNS[one]}</li>`)}
        </ul>`
    }
    ${
      lacked.length > 0 &&
      html`<p class="quiet">
        You may not do all of this yourself now: ${lacked.join(', ')}. The program never may do more than you.
      </p>`
    }
    <p>You can take this back at any time, under <a href="/account">Sessions and keys</a>.</p>`;
}
