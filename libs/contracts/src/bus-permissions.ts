import { type CommandContract, type Contract, holderOf, ownerOf } from './contract.js';

/** What a service may do on NATS. Replies go to the inbox of the request and need no entry. */
export interface BusPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** The stream of an owner's doorbells: `CMD_FLOW_REGISTRY`. */
export function streamName(owner: string): string {
  return `CMD_${owner.replaceAll('-', '_').toUpperCase()}`;
}

/** The durable consumer of a doorbell: `executor_run_claim_v1`. */
export function durableName(contract: CommandContract): string {
  return contract.subject.replace(/^cmd\./, '').replaceAll('.', '_');
}

/** The prefix of a service's inboxes: only that service may listen there, so no other one reads its replies. */
export function inboxPrefix(service: string): string {
  return `_INBOX_${service.replaceAll('-', '_').toUpperCase()}`;
}

/** The subject of a broadcast for those who send it or listen to it; `*` is its key. */
function broadcast(contract: Contract): string {
  return contract.kind === 'live' && contract.keyed ? `${contract.subject}.*` : contract.subject;
}

/** What a service, or a process with a login of its own, needs on NATS for these contracts, and nothing else: it follows from who owns, sends and hears each of them. */
export function busPermissions(service: string, contracts: readonly Contract[]): BusPermissions {
  const publish: string[] = [];
  const subscribe = [`${inboxPrefix(service)}.>`];
  const streams = new Set<string>();
  for (const contract of contracts) {
    const isHolder = holderOf(contract) === service;
    if (contract.kind === 'live') {
      if (isHolder) publish.push(broadcast(contract));
      if (contract.to.includes(service)) subscribe.push(broadcast(contract));
      continue;
    }
    if (contract.from.includes(service)) publish.push(contract.subject);
    if (contract.kind === 'req') {
      if (isHolder) subscribe.push(contract.subject);
      continue;
    }
    const stream = streamName(ownerOf(contract));
    if (isHolder || contract.from.includes(service)) streams.add(stream);
    if (isHolder) {
      publish.push(...consumerSubjects(stream, durableName(contract), contract.subject));
      subscribe.push(`$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${stream}.${durableName(contract)}`);
    }
  }
  // Whoever rings a doorbell first creates its stream.
  for (const stream of streams)
    for (const act of ['INFO', 'CREATE', 'UPDATE']) publish.push(`$JS.API.STREAM.${act}.${stream}`);
  return { publish: publish.sort(), subscribe: subscribe.sort() };
}

/** Creates, reads, pulls from and acknowledges a durable consumer, and removes a doorbell that was delivered too often. */
function consumerSubjects(stream: string, durable: string, subject: string): string[] {
  return [
    `$JS.API.CONSUMER.INFO.${stream}.${durable}`,
    `$JS.API.CONSUMER.CREATE.${stream}.${durable}.${subject}`,
    `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${durable}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
    `$JS.API.STREAM.MSG.DELETE.${stream}`,
    `$JS.ACK.${stream}.${durable}.>`,
    // Servers from 2.10 on may put a domain and an account before the stream.
    `$JS.ACK.*.*.${stream}.${durable}.>`,
  ];
}
