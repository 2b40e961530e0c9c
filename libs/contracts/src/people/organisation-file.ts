import { z } from 'zod';
import { AccessName as Name } from '../access.js';
import { Permission } from '../tenancy.js';
import { ClaimValue } from './people.js';
import { OidcConnectionFields, SamlConnectionFields, ConnectionName } from './sign-in.js';

/** An organisation as a file that can be kept in Git. `npx causeway apply` makes the organisation match it. */

/** Where a secret is: never the secret itself. */
const SecretReference = z.string().regex(/^(\$\{env:[A-Za-z_][A-Za-z0-9_]{0,99}\}|file:.{1,1000})$/, {
  error: 'must name a place, as ${env:NAME} or file:PATH: a secret is never in the file itself',
});

/** A role in a team, or with `organisation: true` in the whole organisation. */
const GivenRole = z
  .strictObject({ role: Name, team: Name.optional(), organisation: z.literal(true).optional() })
  .refine(({ team, organisation }) => (team === undefined) !== (organisation === undefined), {
    error: 'give either a team, or organisation: true',
  })
  .describe('A role, and where it holds: in a team, or in the whole organisation.');

const roles = z.array(GivenRole).max(50).optional();

const Group = z
  .strictObject({
    name: Name,
    connection: ConnectionName.optional().describe(
      'The connection whose identity provider says who is in it.',
    ),
    claim: ClaimValue.optional().describe('What that identity provider calls the group. Default: its name.'),
    members: z
      .array(z.string().min(1).max(320))
      .max(10_000)
      .optional()
      .describe('Names, e-mail addresses or ids; only for a group without a connection.'),
    roles,
  })
  .refine(({ connection, members }) => connection === undefined || members === undefined, {
    error: 'the identity provider of its connection says who is in it: leave members out',
    path: ['members'],
  })
  .refine(({ connection, claim }) => connection !== undefined || claim === undefined, {
    error: 'only a group with a connection has a claim',
    path: ['claim'],
  });

const Account = z.strictObject({
  name: Name,
  team: Name,
  roles: z
    .array(Name)
    .min(1)
    .max(50)
    .describe('Its roles in its team; the first one is given when it is made.'),
  disabled: z.boolean().optional(),
});

/** What the file says of an organisation. A section that is left out is not looked at. */
export const OrganisationFile = z.strictObject({
  version: z.literal(1),
  organisation: z
    .strictObject({
      name: Name.optional(),
      ssoEnforced: z.boolean().optional().describe('Whether people sign in only at identity providers.'),
    })
    .optional(),
  teams: z.array(Name).max(1_000).optional(),
  roles: z
    .array(z.strictObject({ name: Name, permissions: z.array(Permission).min(1) }))
    .max(100)
    .optional()
    .describe('Custom roles; those that are built in are not listed.'),
  connections: z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({
          name: ConnectionName,
          ...OidcConnectionFields.shape,
          secret: SecretReference.nullable()
            .optional()
            .describe('The secret of the client, as ${env:NAME} or file:PATH; null: it has none.'),
        }),
        z.strictObject({
          name: ConnectionName,
          // What a provider says of itself elsewhere is no part of a file whose plan is to be read.
          ...SamlConnectionFields.omit({ metadata: true, metadataUrl: true }).shape,
        }),
      ]),
    )
    .max(50)
    .optional(),
  groups: z.array(Group).max(1_000).optional(),
  users: z
    .array(
      z.strictObject({
        user: z.string().min(1).max(320).describe('A name, an e-mail address or an id.'),
        roles,
      }),
    )
    .max(10_000)
    .optional()
    .describe('Roles that people have themselves, beside those of their groups.'),
  accounts: z.array(Account).max(10_000).optional().describe('Service accounts.'),
});
export type OrganisationFile = z.infer<typeof OrganisationFile>;
