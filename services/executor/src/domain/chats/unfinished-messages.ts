import { isPlainObject } from '@causeway/dag';
import type { Json, JsonObject } from '@causeway/dag';

/** A message whose tokens are still arriving. */
export interface UnfinishedMessage {
  /** As it was shown first, without its text. */
  readonly message: JsonObject;
  /** All tokens so far. */
  readonly text: string;
}

/** Most characters that are kept of all unfinished messages of a run; of any text beyond that, readers who join later do not see the beginning. */
export const MOST_CHARACTERS = 1_000_000;

/** Follows a run's frames, and keeps the messages that are not complete. */
export class UnfinishedMessages {
  readonly #messages = new Map<string, { message: JsonObject; pieces: string[] }>();
  #characters = 0;

  take(event: string, data: Json): void {
    if (!isPlainObject(data)) return;
    const id = data['id'];
    if (typeof id !== 'string') return;
    if (event === 'add_message') this.#begin(id, data as JsonObject);
    else if (event === 'token' && typeof data['chunk'] === 'string') this.#append(id, data['chunk']);
  }

  list(): UnfinishedMessage[] {
    return [...this.#messages.values()].map(({ message, pieces }) => ({ message, text: pieces.join('') }));
  }

  /** A complete message replaces its unfinished one. */
  #begin(id: string, data: JsonObject): void {
    this.#forget(id);
    const properties = data['properties'];
    if (isPlainObject(properties) && properties['state'] === 'partial')
      this.#messages.set(id, { message: { ...data, text: '' }, pieces: [] });
  }

  #append(id: string, chunk: string): void {
    this.#characters += chunk.length;
    if (this.#characters > MOST_CHARACTERS) return this.#forget(id);
    this.#messages.get(id)?.pieces.push(chunk);
  }

  #forget(id: string): void {
    for (const piece of this.#messages.get(id)?.pieces ?? []) this.#characters -= piece.length;
    this.#messages.delete(id);
  }
}
