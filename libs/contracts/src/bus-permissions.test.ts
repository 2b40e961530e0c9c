import { describe, expect, test } from 'vitest';
import { busPermissions, contracts, ownerOf } from './index.js';

const services = [...new Set(contracts.map(ownerOf)), 'gateway'];

describe('every contract', () => {
  test.each(contracts.map((contract) => [contract.subject, contract] as const))(
    '%s names who sends it or listens to it',
    (_subject, contract) => {
      const peers = contract.kind === 'live' ? contract.to : contract.from;
      expect(peers.length).toBeGreaterThan(0);
      for (const peer of peers) expect(services).toContain(peer);
    },
  );
});

describe('the permissions of a service', () => {
  test.each(services)('%s have no wildcard that reaches another service', (service) => {
    const { publish, subscribe } = busPermissions(service, contracts);
    const own = [/^_INBOX_[A-Z_]+\.>$/, /^live\..*\.\*$/, /^\$JS\.ACK\..*\.>$/];
    for (const subject of [...publish, ...subscribe])
      if (/[*>]/.test(subject)) expect(own.some((shape) => shape.test(subject))).toBe(true);
    expect(subscribe.filter((subject) => subject.startsWith('_INBOX'))).toEqual([
      `_INBOX_${service.replaceAll('-', '_').toUpperCase()}.>`,
    ]);
  });

  test('together let each request reach its owner, and nobody else', () => {
    for (const contract of contracts) {
      if (contract.kind !== 'req') continue;
      const hearing = services.filter((one) =>
        busPermissions(one, contracts).subscribe.includes(contract.subject),
      );
      const sending = services.filter((one) =>
        busPermissions(one, contracts).publish.includes(contract.subject),
      );
      expect(hearing).toEqual([ownerOf(contract)]);
      expect(sending.toSorted()).toEqual([...contract.from].toSorted());
    }
  });
});
