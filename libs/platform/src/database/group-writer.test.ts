import { describe, expect, test } from 'vitest';
import { GroupWriter } from './group-writer.js';

interface Call {
  readonly rows: readonly number[];
  settle(outcome?: Error): void;
}

/** A write function whose statements return when the test says so. */
function manual(options: { maxRows?: number } = {}) {
  const calls: Call[] = [];
  const writer = new GroupWriter<number, string>({
    name: 'test',
    ...options,
    write: (rows) =>
      new Promise((resolve, reject) => {
        calls.push({
          rows,
          settle: (error) => (error ? reject(error) : resolve(rows.map((row) => `wrote ${row}`))),
        });
      }),
  });
  return { writer, calls };
}

const nextTick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A write function that refuses the whole statement when it has a bad row, as a database does. */
function refusing(
  isBad: (row: number) => boolean,
  error = Object.assign(new Error('bad row'), { code: '22P02' }),
) {
  const statements: number[][] = [];
  const writer = new GroupWriter<number, number>({
    name: 'test',
    write: async (rows) => {
      statements.push([...rows]);
      if (rows.some(isBad)) throw error;
      return rows.map((row) => row * 10);
    },
  });
  return { writer, statements };
}

describe('rows are gathered', () => {
  test('that are pushed in one tick are written in one statement, each with its own outcome', async () => {
    const { writer, calls } = manual();
    const pushed = Promise.all([1, 2, 3].map((row) => writer.push(row)));
    await nextTick();
    expect(calls.map(({ rows }) => rows)).toEqual([[1, 2, 3]]);
    calls[0]?.settle();
    expect(await pushed).toEqual(['wrote 1', 'wrote 2', 'wrote 3']);
  });

  test('while two statements are in flight, and are sent together when one returns', async () => {
    const { writer, calls } = manual();
    for (const row of [1, 2]) {
      void writer.push(row);
      await nextTick();
    }
    for (const row of [3, 4, 5]) {
      void writer.push(row);
      await nextTick();
    }
    expect(calls.map(({ rows }) => rows)).toEqual([[1], [2]]);
    calls[0]?.settle();
    await nextTick();
    await nextTick();
    expect(calls.map(({ rows }) => rows)).toEqual([[1], [2], [3, 4, 5]]);
    for (const call of calls) call.settle();
    await writer.idle();
  });

  test('up to the limit of a statement', async () => {
    const { writer, calls } = manual({ maxRows: 2 });
    for (const row of [1, 2, 3, 4, 5]) void writer.push(row);
    await nextTick();
    expect(calls.map(({ rows }) => rows)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    calls[0]?.settle();
    await nextTick();
    await nextTick();
    expect(calls[2]?.rows).toEqual([5]);
    for (const call of calls) call.settle();
    await writer.idle();
  });
});

describe('a row that the database refuses', () => {
  test('fails alone, and is found in logarithmically many statements', async () => {
    const { writer, statements } = refusing((row) => row === 77);
    const settled = await Promise.allSettled(Array.from({ length: 128 }, (_each, row) => writer.push(row)));
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(settled[77]).toMatchObject({ status: 'rejected', reason: { code: '22P02' } });
    expect(settled[78]).toEqual({ status: 'fulfilled', value: 780 });
    expect(statements).toHaveLength(15);
  });

  test('fails with its own error when there are several', async () => {
    const { writer } = refusing((row) => row % 3 === 0);
    const settled = await Promise.allSettled(Array.from({ length: 20 }, (_each, row) => writer.push(row)));
    for (const [row, { status }] of settled.entries())
      expect(status).toBe(row % 3 === 0 ? 'rejected' : 'fulfilled');
  });

  test('does not keep later rows from being written', async () => {
    const { writer } = refusing((row) => row < 0);
    await expect(writer.push(-1)).rejects.toThrow('bad row');
    expect(await writer.push(1)).toBe(10);
  });
});

describe('when the connection fails', () => {
  const broken = new Error('Connection terminated unexpectedly');
  const slow = Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' });

  test('the same rows are sent again', async () => {
    const statements: number[][] = [];
    const writer = new GroupWriter<number, number>({
      name: 'test',
      write: async (rows) => {
        statements.push([...rows]);
        if (statements.length < 3) throw broken;
        return [...rows];
      },
    });
    expect(await Promise.all([writer.push(1), writer.push(2)])).toEqual([1, 2]);
    expect(statements).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  test('for no longer than allowed, and are never split', async () => {
    let statements = 0;
    const writer = new GroupWriter<number, number>({
      name: 'test',
      retryForMs: 100,
      write: async () => {
        statements += 1;
        throw broken;
      },
    });
    const settled = await Promise.allSettled([writer.push(1), writer.push(2)]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(settled[0]).toMatchObject({ reason: { code: 'UNAVAILABLE' } });
    expect(statements).toBeGreaterThan(1);
    expect(statements).toBeLessThan(6);
  });

  test('a locked row does not delay the others, and is written when its lock is free', async () => {
    let isHeld = true;
    const written: number[] = [];
    const writer = new GroupWriter<number, number>({
      name: 'test',
      maxInFlight: 1,
      write: async (rows) => {
        if (isHeld && rows.includes(2)) throw slow;
        written.push(...rows);
        return [...rows];
      },
    });
    const held = writer.push(2);
    expect(await Promise.all([writer.push(1), writer.push(3)])).toEqual([1, 3]);
    expect(await writer.push(4)).toBe(4);
    expect(written).toEqual([1, 3, 4]);
    isHeld = false;
    expect(await held).toBe(2);
    await writer.idle();
  });

  test('a row that is locked for too long fails with UNAVAILABLE', async () => {
    const writer = new GroupWriter<number, number>({
      name: 'test',
      retryForMs: 100,
      write: async () => {
        throw slow;
      },
    });
    const settled = await Promise.allSettled([writer.push(1), writer.push(2)]);
    for (const outcome of settled) expect(outcome).toMatchObject({ reason: { code: 'UNAVAILABLE' } });
    await writer.idle();
  });

  test('a lost race between transactions is tried again too', async () => {
    let statements = 0;
    const writer = new GroupWriter<number, number>({
      name: 'test',
      write: async (rows) => {
        statements += 1;
        if (statements === 1) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
        return [...rows];
      },
    });
    expect(await Promise.all([writer.push(1), writer.push(2)])).toEqual([1, 2]);
    expect(statements).toBe(2);
  });
});

test('idle settles when all is written, at once when there is nothing', async () => {
  const { writer, calls } = manual();
  await writer.idle();
  let isIdle = false;
  void writer.push(1);
  const idle = writer.idle().then(() => {
    isIdle = true;
  });
  await nextTick();
  expect(isIdle).toBe(false);
  calls[0]?.settle();
  await idle;
  expect(isIdle).toBe(true);
});

test('a write that returns too few outcomes fails its rows', async () => {
  const writer = new GroupWriter<number, number>({ name: 'test', write: async () => [] });
  await expect(writer.push(1)).rejects.toMatchObject({ code: 'INTERNAL' });
});
