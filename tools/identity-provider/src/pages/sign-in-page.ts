import type { Person } from '../person.js';
import { escapeHtml, page } from './page.js';

/** What the sign-in page shows. */
export interface SignInView {
  /** The relying party that asks. */
  readonly clientId: string;
  readonly email: string;
  readonly password?: string;
  readonly problem?: string | undefined;
  /** People whose button fills in the form. */
  readonly listed: readonly Person[];
}

export function signInPage({ clientId, email, password = '', problem, listed }: SignInView): string {
  const [inEmail, inPassword] = email === '' ? [' autofocus', ''] : ['', ' autofocus'];
  return page(
    'Sign in',
    `<p>to continue to ${escapeHtml(clientId)}</p>
${problem === undefined ? '' : `<p class="problem" role="alert" id="problem">${escapeHtml(problem)}</p>`}
<form method="post">
<label for="email">Email address</label>
<input id="email" name="email" type="email" autocomplete="username" required value="${escapeHtml(email)}"${described(problem)}${inEmail}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required value="${escapeHtml(password)}"${described(problem)}${inPassword}>
<button type="submit">Sign in</button>
<button type="submit" name="cancel" value="yes" formnovalidate>Cancel</button>
</form>
${listed.length === 0 ? '' : peopleList(listed)}`,
  );
}

function described(problem: string | undefined): string {
  return problem === undefined ? '' : ' aria-describedby="problem"';
}

/** Buttons instead of a script: the page comes back with the form filled in. */
function peopleList(people: readonly Person[]): string {
  const items = people.map(
    ({ subject, name, groups }) =>
      `<li><button type="submit" name="person" value="${escapeHtml(subject)}">${escapeHtml(name)}${groups.length === 0 ? '' : ` – ${escapeHtml(groups.join(', '))}`}</button></li>`,
  );
  return `<h2 id="people">People of this demo</h2>
<form method="get" aria-labelledby="people">
<ul>
${items.join('\n')}
</ul>
</form>`;
}
