/** Options of a service's connections to Postgres. */
export interface DatabaseOptions {
  readonly url: string;
  /** The service's name: application name in Postgres, and the schema when the URL names none. */
  readonly service: string;
  /** @default 10 */
  readonly poolSize?: number;
  /** @default 15_000 */
  readonly statementTimeoutMs?: number;
}
