/** Why a call was not made or failed; it becomes an error that names the node. */
export class CallProblem extends Error {
  constructor(
    readonly code: 'ADDRESS_REFUSED' | 'REQUEST_FAILED',
    readonly address: string,
    message: string,
  ) {
    super(message);
  }
}
