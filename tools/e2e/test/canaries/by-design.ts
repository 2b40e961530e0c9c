import type { Sight } from './places.js';

/** A place where a secret has to be. */
interface Allowed {
  readonly kind: string;
  /** As the places are named, and in which thing there. */
  readonly place: string;
  readonly where: RegExp | ((of: string) => RegExp);
  readonly why: string;
}

/** The processes that work with what is a service's. */
const processesOf = (service: string): RegExp =>
  ({
    gateway: /^gateway(-traced)?$/,
    executor: /^executor$|^runner \d+$/,
    'executor-runner': /^executor$|^runner \d+$/,
  })[service] ?? new RegExp(`^${service}$`);
const ALL_SERVICES = /^(gateway(-traced)?|auth|flow-registry|scheduler|executor|audit|runner \d+)$/;
const OWNED = 'a file that only the owner of the copy may read';

/** Every place where a secret may be, and why. Whatever is not here must be found nowhere, and what is here must be found. */
export const byDesign: readonly Allowed[] = [
  ...[
    'database superuser’s password',
    'NATS superuser’s password',
    'Redis password',
    'seed of the passwords',
    'bootstrap API key',
    'unused master key',
  ].map((kind) => ({
    kind,
    place: 'files',
    where: /^secrets\.json$/,
    why: `the secrets of the copy: ${OWNED}`,
  })),
  {
    kind: 'database superuser’s password',
    place: 'files',
    where: /^running\.json$/,
    why: `the address of Postgres, for npm run migrate: ${OWNED}`,
  },
  {
    kind: 'NATS superuser’s password',
    place: 'files',
    where: /^nats\/nats\.conf$/,
    why: `the configuration of nats-server: ${OWNED}`,
  },
  {
    kind: 'NATS password',
    place: 'files',
    where: /^nats\/nats\.conf$/,
    why: `the configuration of nats-server: ${OWNED}`,
  },
  {
    kind: 'Redis password',
    place: 'files',
    where: /^redis\/redis\.conf$/,
    why: `the configuration of redis-server: ${OWNED}`,
  },
  {
    kind: 'Redis password',
    place: 'environments',
    where: ALL_SERVICES,
    why: 'each service is a client of Redis',
  },
  ...['database password', 'NATS password', 'signing key'].map((kind) => ({
    kind,
    place: 'environments',
    where: processesOf,
    why: 'with it the service proves who it is; the executor passes on what its runners need',
  })),
  {
    kind: 'key that signs checkpoints',
    place: 'environments',
    where: /^audit$/,
    why: 'audit signs checkpoints with it',
  },
  {
    kind: 'bootstrap API key',
    place: 'environments',
    where: /^auth$/,
    why: 'auth stores its hash at the first start',
  },
  {
    kind: 'bootstrap API key',
    place: 'files',
    where: /^running\.json$/,
    why: `for npx causeway on the same machine: ${OWNED}`,
  },
  {
    kind: 'model key in a flow',
    place: 'NATS messages',
    where: /^req\.flow-registry\.flow\.import\.|^reply to req\.flow-registry\.version\.plan\./,
    why: 'a key that is typed into a node is a part of the flow, which the registry has to read and a runner has to run: nobody but the gateway, the registry and runners may hear these messages. What must not travel like this belongs into a variable, which is sealed',
  },
  {
    kind: 'ticket of a sign-in',
    place: 'NATS messages',
    where: /^reply to req\.auth\.sign-in\.begin\./,
    why: 'worth nothing without what the provider answers to the browser, which is in no message',
  },
  {
    kind: 'logout token',
    place: 'NATS messages',
    where: /^req\.auth\.session\.provider-end\./,
    why: 'can end the sessions that the provider ends with it, and do nothing else',
  },
  {
    kind: 'user code',
    place: 'NATS messages',
    where: /^(reply to )?req\.auth\.device\.(review|decide)\./,
    why: 'worth nothing without the session of a person, of which ten may be tried; whoever allows it gives away their own rights, and the tokens go to who has the device code',
  },
];

/** The entry by which a secret may be where it was seen. */
export function findAllowed({ canary, place, where }: Sight): Allowed | undefined {
  return byDesign.find(
    (allowed) =>
      allowed.kind === canary.kind &&
      allowed.place === place &&
      (allowed.where instanceof RegExp ? allowed.where : allowed.where(canary.of)).test(where),
  );
}
