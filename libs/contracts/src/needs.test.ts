import { expect, test } from 'vitest';
import { z } from 'zod';
import { contracts, ownerOf } from './index.js';
import type { RequestContract } from './index.js';

/** Requests of the gateway about the data of a team: who asks must have a permission there. */
const aboutTeams = contracts.filter(
  (contract): contract is RequestContract =>
    contract.kind === 'req' && contract.from.includes('gateway') && isAboutTeam(contract),
);

/** Auth decides itself: its requests are about teams other than the caller's too. */
function isAboutTeam(contract: RequestContract): boolean {
  const { input } = contract;
  const members = input instanceof z.ZodObject ? Object.keys(input.shape) : [];
  return (
    members.includes('caller') ||
    (members.includes('organisationId') && members.includes('teamId')) ||
    (members.includes('principal') && ownerOf(contract) !== 'auth')
  );
}

test('there are many of them', () => expect(aboutTeams.length).toBeGreaterThan(30));

test.each(aboutTeams.map((contract) => [contract.subject, contract] as const))(
  '%s names the permission that a caller needs',
  (_subject, { needs }) => expect(needs?.length).toBeGreaterThan(0),
);

test.each(
  contracts
    .filter(
      (contract): contract is RequestContract => contract.kind === 'req' && contract.from.includes('gateway'),
    )
    .map((contract) => [contract.subject, contract] as const),
)('%s is decided by a permission or by auth, or the gateway sends it for itself', (_subject, contract) => {
  const { needs, gatewayActsFor, input } = contract;
  const names = input instanceof z.ZodObject ? Object.keys(input.shape) : [];
  const isAuths = ownerOf(contract) === 'auth' && names.includes('principal');
  expect(needs !== undefined || isAuths || gatewayActsFor === 'itself').toBe(true);
});

test('a request that callers with single objects may send limits itself to these, or decides by its principal', () => {
  const perObject = aboutTeams.filter((contract) => contract.perObject);
  expect(perObject.length).toBeGreaterThan(15);
  for (const { subject, input } of perObject) {
    const names = Object.keys((input as z.ZodObject).shape);
    expect([subject, names.some((name) => /^(reach|principal|caller)$/.test(name))]).toEqual([subject, true]);
  }
});

test('what only some may read names it too', () => {
  const plans = contracts.filter(({ subject }) => subject.includes('.retention.plan.'));
  expect(plans.length).toBeGreaterThan(3);
  for (const plan of plans) expect((plan as RequestContract).needs).toEqual(['log:read']);
});
