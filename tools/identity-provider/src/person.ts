import { z } from 'zod';

/** Most people of one provider; one more is refused. */
const MAX_PEOPLE = 10_000;

const personSchema = z.strictObject({
  subject: z.string().min(1).max(255),
  name: z.string().min(1),
  email: z.string().min(3).includes('@'),
  emailVerified: z.boolean().optional(),
  groups: z.array(z.string()).readonly(),
  password: z.string().min(1),
});

/** Somebody who can sign in. */
export interface Person {
  /** Identifies the person for ever; the `sub` of every token. */
  readonly subject: string;
  readonly name: string;
  /** The user name at the sign-in page. Upper and lower case are the same there. */
  readonly email: string;
  /** @default true */
  readonly emailVerified?: boolean | undefined;
  readonly groups: readonly string[];
  readonly password: string;
}

/**
 * A list of people from outside, such as a file.
 *
 * @throws Error that names the path of every mistake
 */
export function parsePeople(value: unknown): Person[] {
  const read = z.array(personSchema).max(MAX_PEOPLE).safeParse(value);
  if (!read.success) throw new Error(`These are not people: ${z.prettifyError(read.error)}`);
  return read.data;
}

/** The people of a provider, by their subject. */
export class People {
  private readonly bySubject = new Map<string, Person>();

  constructor(people: readonly Person[]) {
    for (const person of people) {
      if (this.bySubject.has(person.subject))
        throw new Error(`Two people have the subject "${person.subject}"; each needs one of their own.`);
      this.set(person);
    }
  }

  /** Adds a person, or replaces the one with this subject. @throws Error when the address is another person's */
  set(person: Person): void {
    const [read] = parsePeople([person]) as [Person];
    const other = this.findByEmail(read.email);
    if (other !== undefined && other.subject !== read.subject)
      throw new Error(
        `"${read.email}" is the address of "${other.subject}"; each person needs one of their own.`,
      );
    if (this.bySubject.size >= MAX_PEOPLE && !this.bySubject.has(read.subject))
      throw new Error(`There are ${MAX_PEOPLE} people already; remove one first.`);
    this.bySubject.set(read.subject, read);
  }

  remove(subject: string): void {
    this.bySubject.delete(subject);
  }

  find(subject: string): Person | undefined {
    return this.bySubject.get(subject);
  }

  /** @throws Error when nobody has this subject */
  get(subject: string): Person {
    const person = this.find(subject);
    if (person === undefined) throw new Error(`Nobody has the subject "${subject}"; add the person first.`);
    return person;
  }

  findByEmail(email: string): Person | undefined {
    const wanted = email.trim().toLowerCase();
    return this.list().find((person) => person.email.toLowerCase() === wanted);
  }

  list(): Person[] {
    return [...this.bySubject.values()];
  }
}
