import { hash } from 'node:crypto';
import type { ChatClient } from './chat-client.js';
import type { ClientOptions } from './client-options.js';
import type { Protocol } from '../providers/providers.js';

/** Clients that are kept for the next run that needs an equal one; the least recently used one is removed first. */
const MAX_CLIENTS = 200;

const clients = new Map<string, Promise<ChatClient>>();
const doors = new WeakMap<object, number>();
let lastDoor = 0;

/**
 * The client of a provider: made once for equal address, key, model and settings. LangChain's package for the protocol
 * is loaded with its first client, so that an executor loads only what its flows use.
 */
export function findClient(protocol: Protocol, options: ClientOptions): Promise<ChatClient> {
  const { dispatcher, ...transport } = options.transport;
  const key = options.key && hash('sha256', options.key);
  const id = JSON.stringify([protocol, { ...options, key, transport }, doorNumber(dispatcher)]);
  const known = clients.get(id);
  if (known !== undefined) {
    clients.delete(id);
    clients.set(id, known);
    return known;
  }
  const made = makeClient(protocol, options);
  clients.set(id, made);
  // A client that could not be made must not be kept.
  made.catch(() => clients.delete(id));
  const oldest = clients.keys().next();
  if (clients.size > MAX_CLIENTS && oldest.done !== true) clients.delete(oldest.value);
  return made;
}

/** Clients with different dispatchers are different clients. */
function doorNumber(dispatcher: ClientOptions['transport']['dispatcher']): number {
  if (dispatcher === undefined) return 0;
  const known = doors.get(dispatcher);
  if (known !== undefined) return known;
  lastDoor += 1;
  doors.set(dispatcher, lastDoor);
  return lastDoor;
}

/** How many clients are kept. @internal */
export function keptClients(): number {
  return clients.size;
}

/** LangChain's package for each protocol, loaded by the function that makes a client of it. */
export const loadClients: Readonly<Record<Protocol, () => Promise<(options: ClientOptions) => ChatClient>>> =
  {
    openai: async () => (await import('./openai.js')).openaiClient,
    anthropic: async () => (await import('./anthropic.js')).anthropicClient,
    google: async () => (await import('./google.js')).googleClient,
    ollama: async () => (await import('./ollama.js')).ollamaClient,
  };

async function makeClient(protocol: Protocol, options: ClientOptions): Promise<ChatClient> {
  const make = await loadClients[protocol]();
  return make(options);
}
