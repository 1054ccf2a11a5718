import { createLogger } from '@seguridad-abc/platform';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runWhileLeading } from './leadership.js';
import { createLeasedLeadership } from './leased-leadership.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A lease whose answers a test sets. */
function createTestLease() {
  const lease = {
    /** What `acquire` answers; undefined: another instance has the lease; 'hangs': it does not answer. */
    answer: undefined as number | undefined | 'fails' | 'hangs',
    heldToken: undefined as number | undefined,
    released: [] as number[],
  };
  const leadership = createLeasedLeadership({
    lease: {
      acquire() {
        if (lease.answer === 'hangs') return new Promise(() => undefined);
        return lease.answer === 'fails'
          ? Promise.reject(new Error('no connection'))
          : Promise.resolve(lease.answer);
      },
      release: (token) => Promise.resolve(void lease.released.push(token)),
    },
    fence: { isHeld: (token) => Promise.resolve(token === lease.heldToken) },
    logger: createLogger('test', 'silent'),
  });
  const log: string[] = [];
  leadership.onElected(() => log.push('elected'));
  leadership.onDeposed(() => log.push('deposed'));
  return { lease, leadership, log };
}

it('leads from the first lease on, until another instance has it', async () => {
  const { lease, leadership, log } = createTestLease();
  await leadership.start();
  expect(leadership.isLeader()).toBe(false);
  lease.answer = 1;
  await vi.advanceTimersByTimeAsync(1_000);
  expect([leadership.isLeader(), log]).toEqual([true, ['elected']]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([leadership.isLeader(), log]).toEqual([true, ['elected']]);
  lease.answer = undefined;
  await vi.advanceTimersByTimeAsync(1_000);
  expect([leadership.isLeader(), log]).toEqual([false, ['elected', 'deposed']]);
  await leadership.stop();
  expect(lease.released).toEqual([]);
});

it.each(['fails', 'hangs'] as const)(
  'stops to lead at the end of its lease if the renewal %s',
  async (answer) => {
    const { lease, leadership, log } = createTestLease();
    lease.answer = 1;
    await leadership.start();
    lease.answer = answer;
    await vi.advanceTimersByTimeAsync(2_999);
    expect(leadership.isLeader()).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect([leadership.isLeader(), log]).toEqual([false, ['elected', 'deposed']]);
  },
);

it('begins anew if another instance has led in between', async () => {
  const { lease, leadership, log } = createTestLease();
  lease.answer = 1;
  await leadership.start();
  lease.answer = 3;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(log).toEqual(['elected', 'deposed', 'elected']);
  await leadership.stop();
  expect(lease.released).toEqual([3]);
});

it('refuses the transactions of an instance that has lost its lease without knowing', async () => {
  const { lease, leadership, log } = createTestLease();
  await expect(leadership.assertLeader()).rejects.toThrow('Another instance');
  lease.answer = lease.heldToken = 1;
  await leadership.start();
  await leadership.assertLeader();
  lease.heldToken = 2;
  await expect(leadership.assertLeader()).rejects.toThrow('Another instance');
  expect(log).toEqual(['elected', 'deposed']);
  await leadership.stop();
});

it('work of the leader stops after each deposition, and starts again when it has stopped', async () => {
  const { lease, leadership } = createTestLease();
  const log: string[] = [];
  let finish: () => void = () => undefined;
  const stop = runWhileLeading(leadership, {
    start: () => void log.push('start'),
    stop() {
      log.push('stop');
      return new Promise((resolve) => (finish = resolve));
    },
  });
  const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  lease.answer = 1;
  await leadership.start();
  // Another instance has led in between.
  lease.answer = 3;
  await wait(1_000);
  expect(log).toEqual(['start', 'stop']);
  lease.answer = undefined;
  await wait(1_000);
  finish();
  await wait(0);
  expect(log).toEqual(['start', 'stop']);
  lease.answer = 5;
  await wait(1_000);
  expect(log).toEqual(['start', 'stop', 'start']);
  const stopped = stop();
  await wait(0);
  finish();
  await stopped;
  lease.answer = 7;
  await wait(1_000);
  expect(log).toEqual(['start', 'stop', 'start', 'stop']);
});
