import { causewayError } from '@causeway/contracts';

const SHORTEST = 12;
const LONGEST = 200;
/** Of 0 to 4: at least so hard to guess. Source: zxcvbn. */
const LEAST_SCORE = 3;

/**
 * Checks that a password is hard to guess: its length, and whether it is made of common passwords, words, rows of keys, or of what is known of its person.
 *
 * @param known  the person's name and addresses
 * @throws CausewayError PASSWORD_WEAK
 */
export async function checkPassword(password: string, known: readonly string[]): Promise<void> {
  const weak = (problem: string): Error => causewayError('PASSWORD_WEAK', { problem });
  if ([...password].length < SHORTEST) throw weak(`it has fewer than ${SHORTEST} characters`);
  if (password.length > LONGEST) throw weak(`it has more than ${LONGEST} characters`);
  const lower = password.toLowerCase();
  const part = known.find((text) => text.length > 3 && lower.includes(text.toLowerCase()));
  if (part !== undefined) throw weak('it holds the name or the address of its person');
  // Loaded only when a password is set: the lists of words take memory.
  const [{ ZxcvbnFactory }, { adjacencyGraphs: graphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  const { score } = new ZxcvbnFactory({ dictionary, graphs }).check(password, [...known, 'causeway']);
  if (score < LEAST_SCORE)
    throw weak('it is made of common passwords, words or rows of keys; take several unusual words');
}
