/** One way to attack the platform. */
export interface Attack {
  /** Tests of it have this name in front of their title. */
  readonly name: string;
  /** What the attacker does, and what must come of it. */
  readonly what: string;
  /** Why there is no test of it. It is not shown once there is one. */
  readonly untested?: string;
}

const attack = (number: number, what: string, untested?: string): Attack => ({
  name: `N${number}`,
  what,
  ...(untested !== undefined && { untested }),
});

const NO_MCP = 'Causeway neither serves MCP nor connects to MCP servers; no component of the catalogue does.';
const NO_SANDBOX = 'Nothing that arrives in a flow is executed, so there is no sandbox to leave.';

/** Attacks that made other platforms fail; each has a test here, or a reason why none is needed. */
export const attacks: readonly Attack[] = [
  attack(
    1,
    'A flow is imported, or a prompt checked, whose code acts when it is merely defined: nothing is executed.',
  ),
  attack(
    2,
    'The request for a run brings a graph, nodes or code of its own: the stored version runs, or none.',
  ),
  attack(
    3,
    'A route was forgotten by the checks: every route is asked by every kind of caller, against a table written by hand.',
  ),
  attack(
    4,
    'The type of a node names something that is no component, such as a member of JavaScript objects.',
  ),
  attack(5, 'The configuration of an MCP server is a command for the shell.', NO_MCP),
  attack(6, 'A page of another origin calls the API with the cookies or the key of its visitor.'),
  attack(
    7,
    'Ids of objects of another team or organisation are used on each route: they do not exist there.',
  ),
  attack(8, 'The name of a file leads elsewhere in the file system, or is none on some system.'),
  attack(
    9,
    'A form is malformed, endless or broken off: it is refused, nothing of it is kept, and the next request is answered.',
  ),
  attack(
    10,
    'A flow calls addresses inside the network, by redirect, by spelling, or by a name that resolves to them.',
  ),
  attack(11, 'The answer of a model is code, or calls a tool that was not offered: it stays text.'),
  attack(12, 'A service is started with secrets that are missing, too short or known: it does not start.'),
  attack(13, 'What somebody held before signing out is used afterwards.'),
  attack(14, 'A caller names another address as its own: limits and the audit log do not believe it.'),
  attack(15, 'Answers to sign-in tell which accounts exist.'),
  attack(16, 'A request changes fields that callers may not change, such as code or secrets.'),
  attack(17, 'A request brings members that its sender may not set, such as a role, an owner or an id.'),
  attack(18, 'A part of the code calls the outside world without the guard that checks addresses.'),
  attack(19, 'The body of a webhook pretends to be of another kind, to set what only the server sets.'),
  attack(20, 'Parts of the address of a webhook are left out, altered or guessed.'),
  attack(21, 'Expressions lead out of the language in which they are written.', NO_SANDBOX),
  attack(22, 'A helper library interprets text as a program.'),
  attack(23, 'Whoever may edit a flow has the credentials of others sent to themselves.'),
  attack(24, 'A secret is left behind in errors, logs, tables or caches.'),
  attack(25, 'People who must sign in at their company use a password.'),
  attack(26, 'The checked address is not the one that is called.'),
  attack(27, 'Names, results and errors contain markup for whoever looks at them.'),
  attack(28, 'A path contains a public one, so that a check takes it for public.'),
  attack(29, 'Who may only read, or only run, sends what changes something.'),
  attack(30, 'Lists, searches, exports, counts and streams show more than the caller may read.'),
  attack(31, 'Code in the sandbox writes to what its host reads.', NO_SANDBOX),
  attack(32, 'A request about many objects names some that the caller may not touch.'),
  attack(33, 'A sign-in leads to another site afterwards.'),
  attack(34, 'A wrong key begins like a right one that is remembered.'),
  attack(35, 'The header Host, or one about a proxy, names another server.'),
  attack(36, 'A directory provisions people with external ids that look like our own.'),
  attack(37, 'A permission for one thing is used on another; the last owner is removed.'),
  attack(38, 'Somebody signs in elsewhere with the e-mail address of somebody here.'),
  attack(
    39,
    'Data looks like a serialised object, a reference or a member of JavaScript objects: it comes back unchanged.',
  ),
  attack(40, 'Many people use one process at the same time: nobody sees anything of another’s.'),
  attack(41, 'A page rebinds a name to reach an MCP server on the machine of its visitor.', NO_MCP),
  attack(42, 'A SAML assertion is wrapped, doubled, unsigned, changed, replayed or meant for others.'),
  attack(43, 'A token is unsigned, signed by another, of another kind, or meant for others.'),
  attack(
    44,
    'State, nonce, PKCE, issuer, code or redirect address of a sign-in are missing, swapped or used twice.',
  ),
  attack(45, 'A route is spelled in another way, so that a check and the router disagree.'),
  attack(46, 'The content type is written so that no check of the body applies.'),
  attack(
    47,
    'A request is larger, deeper, longer or slower than anybody needs: it is refused, and others are served meanwhile.',
  ),
  attack(48, 'An object or a list stands where a query expects one value.'),
  attack(49, 'A service that was taken over sends or hears what is not its business on the bus.'),
];
