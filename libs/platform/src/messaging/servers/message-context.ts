/** What a handler may know of the message behind its payload. Second argument of a handler. */
export interface MessageContext {
  readonly subject: string;
  /** Id of the message; the same on each delivery. */
  readonly messageId: string | undefined;
  /** 1 on the first delivery of a doorbell; always 1 for a request. */
  readonly deliveries: number;
  /** Tells JetStream that a doorbell is still worked on: restarts its ack wait. Nothing for a request. */
  working(): void;
}
