import { messageFrame } from '@causeway/components/specs';
import { causewayError } from '@causeway/contracts';
import type { RunError } from '@causeway/contracts';
import type { Json } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import { errorMessage } from '../domain/chats/error-message.js';
import { runAnswer } from '../domain/ending/run-answer.js';
import { ChatMemory } from './values/chat-memory.js';
import type { Ended } from './finishing.js';
import { NodeRunner } from './node-runner.js';
import { Outputs } from './values/outputs.js';
import type { RunAttempt } from './run-attempt.js';
import { Walk } from './walk.js';

/** How long the nodes of a run that is over may take to end after their signal. */
const SETTLE_MS = 1_000;

/** Executes prepared attempts, from the first step to the answer. */
@Injectable()
export class Walking {
  constructor(
    private readonly nodes: NodeRunner,
    private readonly outputs: Outputs,
    private readonly memory: ChatMemory,
  ) {}

  /** @throws the reason of `stopped`, when the run was stopped; what `Walk` throws */
  async walk(attempt: RunAttempt, stopped: AbortSignal): Promise<Ended> {
    const { envelope, plan, scope, tokens } = attempt;
    const walk = new Walk(attempt, {
      outputs: this.outputs,
      runNode: (values, start) => this.nodes.run(attempt, values, start),
    });
    const { finish, values, error } = await walk.run(stopped);
    if (finish.status !== 'succeeded') {
      attempt.halt.abort(causewayError('RUN_CANCELLED', {}));
      await walk.settled(SETTLE_MS);
      if (stopped.aborted) throw stopped.reason;
      if (!error) return { status: finish.status, tokensUsed: tokens.used };
      // The ignored error may be the cause of the failure.
      const told = { ...error, message: [error.message, ...attempt.warnings].join('\n') };
      this.showError(attempt, told);
      return { status: finish.status, tokensUsed: tokens.used, error: told };
    }
    const results = new Map<string, Readonly<Record<string, Json>>>();
    for (const [nodeId, path] of Object.entries(finish.results))
      results.set(nodeId, await values.values(path));
    const run = {
      runId: envelope.runId,
      flowId: envelope.flowId,
      sessionId: attempt.sessionId,
      inputValue: attempt.input.inputValue,
      warnings: attempt.warnings,
    };
    const answer = runAnswer(plan, scope, run, (id) => results.get(id));
    return { status: 'succeeded', answer, tokensUsed: tokens.used };
  }

  /** Sends the failure as a chat message too, and stores it in the chat. */
  private showError(attempt: RunAttempt, error: RunError): void {
    const { plan, scope, envelope } = attempt;
    const run = { runId: envelope.runId, sessionId: attempt.sessionId, flowId: envelope.flowId };
    const message = errorMessage(error, run, attempt.clock.iso());
    if (scope.outputs.some((id) => plan.nodes[id]?.type === 'ChatOutput'))
      this.memory.of(attempt, '').store(message);
    attempt.emit('error', messageFrame(run, message));
  }
}
