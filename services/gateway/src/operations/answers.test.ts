import { getExecutionStates, getRun } from '@causeway/contracts';
import type { ExecutionState } from '@causeway/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Answers } from './answers.js';

const tenant = { organisationId: 'o', teamId: 't' };
const ended = (runId: string): ExecutionState => ({
  runId,
  status: 'succeeded',
  finishedAt: new Date(0).toISOString(),
});
const unknown = (runId: string): ExecutionState => ({ runId, status: 'unknown', finishedAt: null });

/** The answers of executors and the scheduler; the scheduler refuses a request about a run without an entry. */
class Services {
  readonly states = new Map<string, ExecutionState>();
  readonly runs = new Map<string, Promise<object>>();
  questions = 0;
  listen: (state: ExecutionState) => void = () => undefined;

  subscribe(_contract: unknown, _key: string, listener: (state: ExecutionState) => void): void {
    this.listen = listener;
  }

  async request(contract: unknown, input: { runIds: string[]; runId: string }): Promise<unknown> {
    if (contract === getExecutionStates) {
      this.questions++;
      return { states: input.runIds.map((runId) => this.states.get(runId) ?? unknown(runId)) };
    }
    expect(contract).toBe(getRun);
    const run = this.runs.get(input.runId);
    if (!run) throw new Error(`no run ${input.runId}`);
    return run;
  }
}

let services: Services;
let answers: Answers;
beforeEach(() => {
  vi.useFakeTimers();
  services = new Services();
  answers = new Answers(services as never);
  answers.onApplicationBootstrap();
});
afterEach(() => {
  answers.onApplicationShutdown();
  vi.useRealTimers();
});

/** Whether the wait ends within this time. */
async function settlesWithin(answer: Promise<ExecutionState>, ms: number): Promise<boolean> {
  let isSettled = false;
  void answer.then(() => (isSettled = true));
  await vi.advanceTimersByTimeAsync(ms);
  return isSettled;
}

describe('a run that was submitted here', () => {
  it('is answered by the executor, and requested when that answer is lost', async () => {
    const heard = answers.wait(tenant, 'heard');
    services.listen(ended('heard'));
    expect(await settlesWithin(heard.answer, 0)).toBe(true);
    services.states.set('lost', ended('lost'));
    expect(await settlesWithin(answers.wait(tenant, 'lost').answer, 1_200)).toBe(true);
  });

  it.each([
    ['is refused', undefined],
    ['gets no reply', new Promise<object>(() => undefined)],
  ])('is answered even if the request about another one %s', async (_how, reply) => {
    answers.wait(tenant, 'other');
    if (reply) services.runs.set('other', reply);
    const { answer } = answers.wait(tenant, 'mine');
    services.states.set('mine', ended('mine'));
    expect(await settlesWithin(answer, 1_200)).toBe(true);
  });

  it('that ended in the queue is answered even if the request about another one is refused', async () => {
    answers.wait(tenant, 'other');
    const { answer } = answers.wait(tenant, 'mine');
    services.runs.set('mine', Promise.resolve({ status: 'cancelled', errorCode: null, finishedAt: null }));
    expect(await settlesWithin(answer, 1_200)).toBe(true);
  });
});

describe('a run that was submitted before', () => {
  it('is answered at once when it has ended', async () => {
    services.states.set('old', ended('old'));
    expect(await settlesWithin(answers.follow(tenant, 'old').answer, 0)).toBe(true);
  });

  it('is answered soon after it ends, wherever it was submitted', async () => {
    const { answer } = answers.follow(tenant, 'running');
    services.states.set('running', { ...unknown('running'), status: 'running' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(services.questions).toBeLessThan(75);
    services.states.set('running', ended('running'));
    expect(await settlesWithin(answer, 1_100)).toBe(true);
  });

  it('is not requested any more when no caller waits for it', async () => {
    answers.follow(tenant, 'left').stop();
    await vi.advanceTimersByTimeAsync(100);
    const before = services.questions;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(services.questions).toBe(before);
  });
});
