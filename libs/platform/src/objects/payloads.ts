import type { Payload } from '@causeway/contracts';
import type { ObjectStore } from './object-store.js';

/** JSON texts of any size: inline up to 64 KiB of UTF-8, else in the object store. Injectable. */
export class Payloads {
  constructor(_objects: ObjectStore) {}

  store(_text: string): Promise<Payload> {
    throw new Error('not yet');
  }

  /** @throws CausewayError PAYLOAD_MISSING */
  load(_payload: Payload): Promise<string> {
    throw new Error('not yet');
  }
}
