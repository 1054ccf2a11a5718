import type { AuditAttempt, AuditSummary } from '@seguridad-abc/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAuditSummaries } from './audit-summaries.js';

const attempt = (changes: Partial<AuditAttempt> = {}): AuditAttempt => ({
  action: 'createRule',
  outcome: 'FORBIDDEN',
  role: 'customer',
  actor: 'ana',
  address: '192.0.2.1',
  userId: null,
  subject: null,
  ...changes,
});

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-01-31T08:00:00Z') }));
afterEach(() => void vi.useRealTimers());

const openSummaries = (maxSummaries?: number) => {
  const emitted: AuditSummary[] = [];
  const summaries = createAuditSummaries({
    emit: (some) => void emitted.push(...some),
    now: () => new Date().toISOString(),
    ...(maxSummaries !== undefined && { maxSummaries }),
  });
  return { emitted, ...summaries };
};

describe('createAuditSummaries', () => {
  it('emits the first attempt at once, and the repetitions of a minute as one', () => {
    const { emitted, record } = openSummaries();
    record(attempt());
    expect(emitted).toMatchObject([{ actor: 'ana', count: 1, firstAt: '2026-01-31T08:00:00.000Z' }]);
    vi.advanceTimersByTime(1_000);
    record(attempt());
    vi.advanceTimersByTime(1_000);
    record(attempt(), 3);
    expect(emitted).toHaveLength(1);
    vi.advanceTimersByTime(60_000);
    expect(emitted).toHaveLength(2);
    expect(emitted[1]).toMatchObject({
      count: 4,
      firstAt: '2026-01-31T08:00:01.000Z',
      lastAt: '2026-01-31T08:00:02.000Z',
    });
    record(attempt());
    expect(emitted).toHaveLength(3);
  });

  it('loses no count, however many callers and actions there are', () => {
    const { emitted, record, flush } = openSummaries(20);
    for (let i = 0; i < 1_000; i++) record(attempt({ actor: `user ${i % 40}`, action: `action ${i % 30}` }));
    flush();
    expect(emitted.reduce((sum, { count }) => sum + count, 0)).toBe(1_000);
    expect(emitted.length).toBeLessThan(60);
  });

  it('summarizes further actions of a caller by outcome', () => {
    const { emitted, record, flush } = openSummaries();
    for (let i = 0; i < 100; i++) record(attempt({ action: `action ${i}`, subject: `rule ${i}` }));
    flush();
    expect(emitted).toHaveLength(11);
    expect(emitted[10]).toMatchObject({
      action: 'different actions',
      actor: 'ana',
      subject: null,
      count: 90,
    });
  });

  it.each([
    [
      { actor: 'ana sensor', device: 'north' },
      { actor: 'ana', device: 'sensor north' },
    ],
    [{ actor: 'ana ' }, { actor: 'ana', device: ' ' }],
    [{ actor: null, address: 'ana' }, { actor: 'ana' }],
    [
      { outcome: 'A B', action: 'C' },
      { outcome: 'A', action: 'B C' },
    ],
  ])('counts different attempts separately, whatever characters they contain', (one, other) => {
    const { emitted, record, flush } = openSummaries();
    record(attempt(one));
    record(attempt(other));
    expect(emitted).toMatchObject([one, other]);
    record(attempt(other));
    record(attempt(one), 2);
    flush();
    expect(emitted.slice(2)).toMatchObject([
      { ...one, count: 2 },
      { ...other, count: 1 },
    ]);
  });

  it('shortens long texts', () => {
    const { emitted, record } = openSummaries();
    record(attempt({ subject: 'x'.repeat(1_000_000), address: null }));
    expect(emitted).toMatchObject([{ subject: 'x'.repeat(128), address: null }]);
  });

  it('emits nothing if nothing was repeated', () => {
    const { emitted, record, flush } = openSummaries();
    record(attempt());
    flush();
    vi.advanceTimersByTime(60_000);
    expect(emitted).toHaveLength(1);
  });
});
