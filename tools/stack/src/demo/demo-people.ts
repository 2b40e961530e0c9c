/** Somebody of the demo organisation, as its identity provider knows them. */
export interface DemoPerson {
  readonly subject: string;
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
  readonly password: string;
}

/** A group of the identity provider, with the role that it has here: in a team, or in the whole organisation. */
export interface DemoGroup {
  readonly name: string;
  readonly role: string;
  readonly team?: string;
}

/** A team with the flow that it begins with. */
export interface DemoTeam {
  readonly name: string;
  readonly flow: { readonly name: string; readonly endpointName: string; readonly prompt: string };
}

const PASSWORD = 'demo';

export const demoGroups: readonly DemoGroup[] = [
  { name: 'payments-engineers', role: 'editor', team: 'Payments' },
  { name: 'researchers', role: 'runner', team: 'Research' },
  { name: 'administrators', role: 'admin' },
];

export const demoTeams: readonly DemoTeam[] = [
  {
    name: 'Payments',
    flow: {
      name: 'Answer a customer',
      endpointName: 'answer-a-customer',
      prompt: 'Answer this question about a payment politely: {question}',
    },
  },
  {
    name: 'Research',
    flow: {
      name: 'Summarise a text',
      endpointName: 'summarise-a-text',
      prompt: 'Summarise this in one sentence: {question}',
    },
  },
];

const person = (name: string, ...groups: string[]): DemoPerson => ({
  subject: `demo-${name.toLowerCase()}`,
  name: `${name} Demo`,
  email: `${name.toLowerCase()}@demo.example`,
  groups,
  password: PASSWORD,
});

/** Six people in three groups; one is in two of them. */
export const demoPeople: readonly DemoPerson[] = [
  person('Ada', 'payments-engineers'),
  person('Ben', 'payments-engineers'),
  person('Chen', 'researchers'),
  person('Dana', 'researchers'),
  person('Eli', 'payments-engineers', 'researchers'),
  person('Fay', 'administrators'),
];
