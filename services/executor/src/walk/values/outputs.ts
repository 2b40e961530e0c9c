import { causewayError } from '@causeway/contracts';
import type { Json, PlanNode } from '@causeway/dag';
import { Payloads, SETTINGS, environmentName } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../../config.js';
import { readPayloadColumn, writePayloadColumn } from '../../domain/journal/payload-column.js';
import type { RunAttempt } from '../run-attempt.js';

const STEP_LIMIT = environmentName('stepOutputBytes');
const RUN_LIMIT = environmentName('runOutputBytes');

/** Results of steps as text, checked against their limits; long ones are stored outside the row. */
@Injectable()
export class Outputs {
  constructor(
    private readonly payloads: Payloads,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * Writes a result and returns it as it was written: the run continues with that value, so that a resumed run sees the same.
   *
   * @throws CausewayError NODE_FAILED for a result that is not JSON, PAYLOAD_TOO_LARGE beyond the limit of a step or of the run
   */
  async store(
    attempt: RunAttempt,
    node: PlanNode,
    result: unknown,
  ): Promise<{ value: Json; column: string }> {
    const text = this.write(node, result);
    const bytes = Buffer.byteLength(text);
    const { stepOutputBytes, runOutputBytes } = this.settings;
    check(`The result of ${node.displayName}`, bytes, STEP_LIMIT, stepOutputBytes);
    attempt.bytes.used += bytes;
    check('The results of this run together', attempt.bytes.used, RUN_LIMIT, runOutputBytes);
    const column = writePayloadColumn(await this.payloads.store(text, attempt.envelope));
    return { value: JSON.parse(text) as Json, column };
  }

  /** Reads a result back. */
  async load(organisationId: string, column: string | undefined): Promise<unknown> {
    if (column === undefined) return null;
    return JSON.parse(await this.payloads.load(readPayloadColumn(column), organisationId));
  }

  private write(node: PlanNode, result: unknown): string {
    try {
      return JSON.stringify(result) ?? 'null';
    } catch (error) {
      const problem = `its result is not JSON: ${(error as Error).message}`;
      throw causewayError('NODE_FAILED', { node: node.displayName, problem }, { cause: error });
    }
  }
}

function check(what: string, bytes: number, limitName: string, limitBytes: number): void {
  if (bytes > limitBytes) throw causewayError('PAYLOAD_TOO_LARGE', { what, bytes, limitName, limitBytes });
}
