import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { waitFor } from '@causeway/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isProcessGone, processMark } from './process-mark.js';

let child: ChildProcess;
let pid: number;
let mark: string;
beforeEach(async () => {
  child = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
  pid = child.pid ?? 0;
  mark = processMark(pid) ?? '';
});
afterEach(() => child.kill('SIGKILL'));

/** The mark with another value in one of its four places. */
function withOther(place: 'host' | 'boot' | 'namespace' | 'start', value: string): string {
  const [host, boot, namespace, start] = mark.split(' ');
  return Object.values({ host, boot, namespace, start, [place]: value }).join(' ');
}

test('a process that lives is not gone, and has the same mark each time', () => {
  expect(mark).toMatch(/^\S+ [0-9a-f-]{36} pid:\[\d+\] \d+$/);
  expect(processMark(pid)).toBe(mark);
  expect(isProcessGone(pid, mark)).toBe(false);
});

test('a process that has ended is gone, and has no mark any more', async () => {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  expect(isProcessGone(pid, mark)).toBe(true);
  expect(processMark(pid)).toBeUndefined();
});

test('a process that has ended and that nobody has waited for is gone', async () => {
  // The shell becomes a program that never waits for what the shell started.
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const orphan = Number(line.toString());
    const own = processMark(orphan) ?? '';
    expect(isProcessGone(orphan, own)).toBe(false);
    process.kill(orphan, 'SIGKILL');
    await waitFor(() => isProcessGone(orphan, own), { what: 'its end' });
    expect(readFileSync(`/proc/${orphan}/stat`, 'utf8')).toContain(') Z ');
  } finally {
    parent.kill('SIGKILL');
  }
});

test('a process whose pid another one has by now is gone', () => {
  expect(isProcessGone(pid, withOther('start', '1'))).toBe(true);
});

test.each(['host', 'boot', 'namespace'] as const)(
  'a process with another %s cannot be checked from here, whether its pid exists here or not',
  async (place) => {
    const elsewhere = withOther(place, 'another');
    expect(isProcessGone(pid, elsewhere)).toBe(false);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    expect(isProcessGone(pid, elsewhere)).toBe(false);
  },
);

test('a process that this one may not signal is not gone', () => {
  // Of any system; it belongs to root.
  expect(isProcessGone(1, processMark(1) ?? '')).toBe(false);
});
