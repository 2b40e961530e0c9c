/** An attribute of a resource. Source: RFC 7643, section 7. */
export interface Attribute {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'dateTime' | 'reference' | 'complex';
  readonly description: string;
  readonly isMultiValued?: true;
  readonly isRequired?: true;
  readonly isCaseExact?: true;
  readonly isReadOnly?: true;
  /** It is set once. */
  readonly isImmutable?: true;
  readonly isUnique?: true;
  /** It is in every answer, whatever is asked for. */
  readonly isAlwaysShown?: true;
  readonly of?: readonly Attribute[];
}

/** A schema, as `/Schemas` shows it. */
export interface Schema {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
}

/** A type of resources: a schema of its own, and extensions of it, which are members of a resource with their id as the name. */
export interface ResourceDefinition {
  readonly name: 'User' | 'Group';
  readonly endpoint: '/Users' | '/Groups';
  readonly description: string;
  readonly schema: Schema;
  readonly extensions: readonly Schema[];
  /** All attributes of a resource, common ones and extensions included. */
  readonly attributes: readonly Attribute[];
}

const text = (name: string, description: string, more: Partial<Attribute> = {}): Attribute => ({
  name,
  type: 'string',
  description,
  ...more,
});
const flag = (name: string, description: string): Attribute => ({ name, type: 'boolean', description });

/** Values of one kind, each with its type, of which at most one is the primary one. */
const several = (name: string, what: string, fields: readonly Attribute[]): Attribute => ({
  name,
  type: 'complex',
  description: `The person’s ${what}.`,
  isMultiValued: true,
  of: [
    ...fields,
    text('type', 'What it is used for, such as work or home.'),
    flag('primary', 'Whether it is the main one.'),
    text('display', 'How it is shown.'),
  ],
});

const id = text('id', 'SCIM’s id of the resource.', {
  isReadOnly: true,
  isCaseExact: true,
  isUnique: true,
  isAlwaysShown: true,
});
const meta: Attribute = {
  name: 'meta',
  type: 'complex',
  description: 'About the resource.',
  isReadOnly: true,
  of: [
    text('resourceType', 'User or Group.', { isReadOnly: true, isCaseExact: true }),
    { name: 'created', type: 'dateTime', description: 'When it was made.', isReadOnly: true },
    { name: 'lastModified', type: 'dateTime', description: 'When it was changed.', isReadOnly: true },
    { name: 'location', type: 'reference', description: 'Its address.', isReadOnly: true, isCaseExact: true },
  ],
};
const schemas = text('schemas', 'The schemas of the resource.', {
  isMultiValued: true,
  isReadOnly: true,
  isCaseExact: true,
  isAlwaysShown: true,
});

const user: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:User',
  name: 'User',
  description: 'A person.',
  attributes: [
    text('userName', 'What the identity provider calls the person; nobody is recognised by it.', {
      isRequired: true,
      isUnique: true,
    }),
    {
      name: 'name',
      type: 'complex',
      description: 'The parts of the person’s name.',
      of: [
        text('formatted', 'The whole name.'),
        text('familyName', 'The family name.'),
        text('givenName', 'The given name.'),
        text('middleName', 'The middle names.'),
        text('honorificPrefix', 'Titles before the name.'),
        text('honorificSuffix', 'What follows the name.'),
      ],
    },
    text('displayName', 'The name that is shown.'),
    text('nickName', 'How the person is called.'),
    { name: 'profileUrl', type: 'reference', description: 'A page about the person.' },
    text('title', 'The person’s title, such as Vice President.'),
    text('userType', 'The relation to the organisation, such as Contractor.'),
    text('preferredLanguage', 'The language that the person prefers.'),
    text('locale', 'How numbers and times are written for the person.'),
    text('timezone', 'The person’s time zone.'),
    flag('active', 'Whether the person has access.'),
    several('emails', 'e-mail addresses', [text('value', 'The address.')]),
    several('phoneNumbers', 'telephone numbers', [text('value', 'The number.')]),
    several('addresses', 'postal addresses', [
      text('formatted', 'The whole address.'),
      text('streetAddress', 'Street and number.'),
      text('locality', 'The city.'),
      text('region', 'The state or region.'),
      text('postalCode', 'The postal code.'),
      text('country', 'The country.'),
    ]),
    {
      name: 'groups',
      type: 'complex',
      description: 'The groups of the connection that the person is in.',
      isMultiValued: true,
      isReadOnly: true,
      of: [
        text('value', 'SCIM’s id of the group.', { isReadOnly: true, isCaseExact: true }),
        text('display', 'The name of the group.', { isReadOnly: true }),
        text('type', 'Always direct.', { isReadOnly: true }),
      ],
    },
  ],
};

const enterprise: Schema = {
  id: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  name: 'EnterpriseUser',
  description: 'What a company knows of a person.',
  attributes: [
    text('employeeNumber', 'The number of the person in the company.'),
    text('costCenter', 'The cost centre.'),
    text('organization', 'The organisation.'),
    text('division', 'The division.'),
    text('department', 'The department.'),
    {
      name: 'manager',
      type: 'complex',
      description: 'The person’s manager.',
      of: [
        text('value', 'The identity provider’s id of the manager.', { isCaseExact: true }),
        text('displayName', 'The name of the manager.'),
      ],
    },
  ],
};

const group: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  name: 'Group',
  description: 'People who have roles together.',
  attributes: [
    text('displayName', 'What the identity provider calls the group.', { isRequired: true, isUnique: true }),
    {
      name: 'members',
      type: 'complex',
      description: 'The people in the group; others than people of this connection are left out.',
      isMultiValued: true,
      of: [
        text('value', 'SCIM’s id of the person.', { isCaseExact: true }),
        text('display', 'The name of the person.', { isReadOnly: true }),
        text('type', 'Always User.', { isReadOnly: true }),
      ],
    },
  ],
};

function definition(
  schema: Schema,
  externalId: Attribute,
  rest: Pick<ResourceDefinition, 'name' | 'endpoint' | 'description' | 'extensions'>,
): ResourceDefinition {
  const extended = rest.extensions.map(({ id: name, description, attributes: of }) => ({
    name,
    type: 'complex' as const,
    description,
    of,
  }));
  return {
    ...rest,
    schema,
    attributes: [schemas, id, externalId, meta, ...schema.attributes, ...extended],
  };
}

export const userDefinition = definition(
  user,
  text('externalId', 'What a sign-in calls the person, in the claim that the connection names; set once.', {
    isCaseExact: true,
    isUnique: true,
    isImmutable: true,
  }),
  { name: 'User', endpoint: '/Users', description: 'A person.', extensions: [enterprise] },
);

export const groupDefinition = definition(
  group,
  text('externalId', 'What the identity provider calls the group.', { isCaseExact: true }),
  { name: 'Group', endpoint: '/Groups', description: 'People who have roles together.', extensions: [] },
);

export const definitions = { User: userDefinition, Group: groupDefinition } as const;
