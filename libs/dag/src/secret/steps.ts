/** Work that yields wherever it may be interrupted, so that a process can do other things in between. */
export type Steps<T> = Generator<undefined, T>;

/** How many small pieces of work are done in one step. */
const PIECES = 1000;

/** Does all of the work without an interruption. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Counts small pieces of work: true when a step has had enough of them. */
export function pieceCounter(): () => boolean {
  let count = 0;
  return () => ++count % PIECES === 0;
}
