/** Carries outbox rows to their consumers. Injectable in services started with `outbox: true`. */
export class OutboxRelay {
  /** Call after a commit that inserted rows: sends them at once. Cheap, never throws. */
  wake(): void {
    throw new Error('not yet');
  }
}
