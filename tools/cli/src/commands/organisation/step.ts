/** The ids of what steps name, by keys such as `team Payments`; what a step makes is added. */
export type Ids = ReadonlyMap<string, string>;

/** A request that a step makes. */
export interface StepRequest {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** One change on the way from what an organisation is to what its file says. */
export interface Step {
  readonly act: 'create' | 'change' | 'remove';
  /** What is changed, such as `team Payments`. */
  readonly what: string;
  readonly detail?: string;
  /** Steps are made in this order. */
  readonly order: number;
  /** Where the client secret is that is sent along; null removes it. */
  readonly secret?: string | null;
  /** The key under which the id of what it makes is known to later steps. */
  readonly makes?: string;
  /** Connections that must answer before it is made. */
  readonly needsConnections?: readonly string[];
  request(ids: Ids): StepRequest;
}

/** What is made first, and what last: nothing is taken away before what replaces it is there, and nobody is locked out before the new door is open. */
export const Order = {
  organisation: 1,
  team: 2,
  role: 3,
  connection: 4,
  group: 5,
  account: 6,
  owner: 7,
  binding: 8,
  member: 9,
  noBinding: 20,
  noMember: 21,
  noGroup: 22,
  noAccount: 23,
  noRole: 24,
  noConnection: 25,
  enforcing: 30,
} as const;

/** @throws Error when nothing has made it, which is a mistake of the plan */
export function idOf(ids: Ids, key: string): string {
  const id = ids.get(key);
  if (id === undefined) throw new Error(`${key} has no id yet`);
  return id;
}
