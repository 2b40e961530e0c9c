/** Information about the message of a payload. Second argument of a handler. */
export interface MessageContext {
  readonly subject: string;
  /** Id of the message; the same on each delivery. */
  readonly messageId: string | undefined;
  /** 1 on the first delivery of a doorbell; always 1 for a request. */
  readonly deliveries: number;
  /** Reports to JetStream that the doorbell is still being handled, which restarts its ack wait. Does nothing for a request. */
  working(): void;
}
