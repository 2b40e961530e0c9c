import { describe, expect, test } from 'vitest';
import { EXECUTOR_RUNNER, busPermissions, contracts, holderOf, ownerOf, streamName } from './index.js';

const services = [...new Set(contracts.map(ownerOf)), 'gateway', EXECUTOR_RUNNER];

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
    const stream = streamName(service === EXECUTOR_RUNNER ? 'executor' : service);
    const keyed = contracts.filter((contract) => contract.kind === 'live' && contract.keyed);
    const sent = keyed
      .filter((contract) => holderOf(contract) === service)
      .map(({ subject }) => `${subject}.*`);
    const wild = publish.filter((subject) => /[*>]/.test(subject));
    expect(wild.filter((subject) => !subject.startsWith('$JS.ACK.')).toSorted()).toEqual(sent.toSorted());
    for (const subject of wild.filter((one) => one.startsWith('$JS.ACK.')))
      expect(subject).toMatch(new RegExp(`^\\$JS\\.ACK\\.(\\*\\.\\*\\.)?${stream}\\.\\w+\\.>$`));
    const heard = keyed.filter((contract) => contract.kind === 'live' && contract.to.includes(service));
    const inbox = `_INBOX_${service.replaceAll('-', '_').toUpperCase()}.>`;
    expect(subscribe.filter((subject) => /[*>]/.test(subject)).toSorted()).toEqual(
      [inbox, ...heard.map(({ subject }) => `${subject}.*`)].toSorted(),
    );
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
