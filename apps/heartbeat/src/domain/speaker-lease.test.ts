import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulateMonitors } from '../testing/simulated-lease.js';
import {
  applyForeignReport,
  applyLeaseGrant,
  applyLeaseRelease,
  applyUnwritableRedis,
  createSpeakerLease,
  createSpeakerLeaseSettings,
  getLeaseRequest,
  holdsLease,
} from './speaker-lease.js';

const SETTINGS = createSpeakerLeaseSettings(2_000);
const START = 10_000;
const created = createSpeakerLease(SETTINGS, 0, START);
const granted = applyLeaseGrant(created, 7, START);

const TAKEOVER_MS = 5_000;
const fenced = (term: number) => ({ term, isUnfenced: false });

describe('the lease', () => {
  it('counts from the request, not from the reply', () => {
    expect(holdsLease(granted, START + SETTINGS.leaseMs - 1)).toBe(true);
    expect(holdsLease(granted, START + SETTINGS.leaseMs)).toBe(false);
  });

  it('is renewed well before its end, and acquired anew after it', () => {
    expect(getLeaseRequest(granted, START + SETTINGS.renewAfterMs - 1)).toBeUndefined();
    expect(getLeaseRequest(granted, START + SETTINGS.renewAfterMs)).toBe('renew');
    expect(getLeaseRequest(granted, START + SETTINGS.leaseMs)).toBe('acquire');
    expect(SETTINGS.renewAfterMs).toBeLessThan(SETTINGS.leaseMs / 2);
  });

  it('is asked for at once by a first monitor, and after a warm-up by one that hears another', () => {
    expect(getLeaseRequest(created, START)).toBe('acquire');
    const follower = applyForeignReport(created, fenced(3), START + 1);
    expect(getLeaseRequest(follower, START + SETTINGS.warmUpMs - 1)).toBeUndefined();
    expect(getLeaseRequest(follower, START + SETTINGS.warmUpMs)).toBe('acquire');
  });

  it('is lost with a report of the same or a later term, and not with an older one', () => {
    expect(holdsLease(applyForeignReport(granted, fenced(6), START), START)).toBe(true);
    expect(holdsLease(applyForeignReport(granted, fenced(7), START), START)).toBe(false);
    expect(applyForeignReport(granted, fenced(8), START)).toMatchObject({ term: undefined, highestTerm: 8 });
  });

  it('is not asked for by a monitor that gave it back for the time of one lease', () => {
    const released = applyLeaseRelease(granted, START);
    expect(getLeaseRequest(released, START + SETTINGS.leaseMs - 1)).toBeUndefined();
    expect(getLeaseRequest(released, START + SETTINGS.leaseMs)).toBe('acquire');
  });
});

describe('while Redis stores nothing', () => {
  const atTime = (nowMs: number) => ({ requestedAtMs: nowMs, nowMs, wallMs: 1_000_000 });

  it('the speaker goes on in its term', () => {
    const later = START + SETTINGS.renewAfterMs;
    const kept = applyUnwritableRedis(granted, atTime(later));
    expect(kept).toMatchObject({ term: 7, isUnfenced: true });
    expect(holdsLease(kept, later + SETTINGS.leaseMs - 1)).toBe(true);
    expect(getLeaseRequest(kept, later + SETTINGS.renewAfterMs)).toBe('acquire');
  });

  it('a monitor begins a later term only after it has heard no other one for some time', () => {
    const heard = applyForeignReport(created, fenced(9), START + 100);
    expect(applyUnwritableRedis(heard, atTime(START + 99 + SETTINGS.silenceMs)).term).toBeUndefined();
    expect(applyUnwritableRedis(heard, atTime(START + 100 + SETTINGS.silenceMs)).term).toBe(1_000_000);
    const farAhead = applyForeignReport(created, fenced(2_000_000), START);
    expect(applyUnwritableRedis(farAhead, atTime(START + SETTINGS.silenceMs)).term).toBe(2_000_001);
  });

  it('a monitor leaves the lease to one that speaks without it', () => {
    const heard = applyForeignReport(created, { term: 9, isUnfenced: true }, START + 100);
    expect(getLeaseRequest(heard, START + 99 + SETTINGS.silenceMs)).toBeUndefined();
    expect(getLeaseRequest(heard, START + 100 + SETTINGS.silenceMs)).toBe('acquire');
  });
});

describe('several monitors', () => {
  const offsets = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 4 });
  const steps = fc.array(
    fc.oneof(
      fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 200, max: 9_000 }) }),
      fc.record({ do: fc.constantFrom('freeze', 'thaw'), monitor: fc.nat(3) }),
      fc.record({
        do: fc.constant('delay' as const),
        monitor: fc.nat(3),
        ms: fc.integer({ min: 0, max: 8_000 }),
      }),
      fc.record({ do: fc.constant('lose-data' as const) }),
      fc.record({ do: fc.constant('reachable' as const), is: fc.boolean() }),
    ),
    { maxLength: 30 },
  );
  type Step = {
    readonly do: string;
    readonly ms?: number;
    readonly monitor?: number;
    readonly is?: boolean;
  };
  const run = (monitors: ReturnType<typeof simulateMonitors>, all: readonly Step[]) => {
    for (const step of all) {
      const { monitor = 0, ms = 0, is = true } = step;
      if (step.do === 'advance') monitors.advance(ms);
      else if (step.do === 'freeze') monitors.freeze(monitor);
      else if (step.do === 'thaw') monitors.thaw(monitor);
      else if (step.do === 'delay') monitors.delayReplies(monitor, ms);
      else if (step.do === 'lose-data') monitors.loseData();
      else monitors.setReachable(is);
    }
  };

  it('publish in rising terms, each of one monitor, whatever fails', () => {
    fc.assert(
      fc.property(offsets, steps, (clockOffsets, all) => {
        const monitors = simulateMonitors(clockOffsets);
        run(monitors, all);
        const terms = monitors.reports.map(({ term }) => term);
        expect(terms).toStrictEqual([...terms].sort((a, b) => a - b));
        const speakers = new Map<number, number>();
        for (const { term, monitor } of monitors.reports) {
          expect(speakers.get(term) ?? monitor).toBe(monitor);
          speakers.set(term, monitor);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('have a speaker within 5 s as soon as one runs and Redis answers', () => {
    fc.assert(
      fc.property(offsets, steps, (clockOffsets, all) => {
        const monitors = simulateMonitors(clockOffsets);
        run(monitors, all);
        clockOffsets.forEach((_, monitor) => monitors.delayReplies(monitor, 0));
        monitors.setReachable(true);
        // Replies that were delayed arrive, and the last monitor alone goes on.
        monitors.advance(8_200);
        clockOffsets.forEach((_, monitor) => monitors.freeze(monitor));
        monitors.thaw(clockOffsets.length - 1);
        const { length } = monitors.reports;
        monitors.advance(TAKEOVER_MS);
        expect(monitors.reports.slice(length).map(({ monitor }) => monitor)).toContain(
          clockOffsets.length - 1,
        );
      }),
      { numRuns: 300 },
    );
  });

  it('have the same speaker as long as nothing fails', () => {
    const monitors = simulateMonitors([0, 5_000, 77]);
    monitors.advance(120_000);
    expect(new Set(monitors.reports.map(({ term }) => term)).size).toBe(1);
    expect(monitors.reports.length).toBeGreaterThan(50);
  });
});
