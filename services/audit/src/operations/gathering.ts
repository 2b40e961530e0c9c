/** Nobody waits for a few events but the outboxes that have sent them. */
const FEW_WAIT_MS = 20;
/** While many come, an outbox sends its next ones when these are confirmed: the longer they wait, the fewer transactions there are. */
const MANY_WAIT_MS = 150;
/** Events that were gathered together are many from so many on. */
const MANY = 8;
/** So many wait for no others. */
const ENOUGH = 256;

interface Group {
  events: number;
  readonly ended: Promise<void>;
  end(): void;
}

/** Lets events wait for each other, because each transaction costs as much as some events. */
export class Gathering {
  private group: Group | undefined;
  private areMany = false;

  /** Settles at the same time for everything that came meanwhile. @param events  so many wait now */
  wait(events: number): Promise<void> {
    const group = (this.group ??= this.begin());
    group.events += events;
    if (group.events >= ENOUGH) group.end();
    return group.ended;
  }

  private begin(): Group {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const end = (): void => {
      clearTimeout(timer);
      this.group = undefined;
      this.areMany = group.events >= MANY;
      resolve();
    };
    const timer = setTimeout(end, this.areMany ? MANY_WAIT_MS : FEW_WAIT_MS);
    const group: Group = { events: 0, ended, end };
    return group;
  }
}
