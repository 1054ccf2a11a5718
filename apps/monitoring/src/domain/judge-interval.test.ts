import type { OpenInterval, RuleVersion } from '@seguridad-abc/evaluation';
import { describe, expect, it } from 'vitest';
import { activeAlarm } from '../testing/alarms.js';
import type { AlarmRecord } from './alarm-record.js';
import { judgeInterval, type JudgingRule } from './judge-interval.js';

const at = (time: string) => Date.parse(`2026-01-31T${time}Z`);
const interval = (endedAt: string | null, startId = 'o1'): OpenInterval => ({
  startId,
  startedAt: at('08:00:00'),
  endedAt: endedAt === null ? null : at(endedAt),
});
const version: RuleVersion = {
  from: 0,
  until: null,
  enabled: true,
  opensAt: null,
  closesAt: null,
  days: [],
  timeZone: 'UTC',
  maxOpenSeconds: 60,
};
const rule = (...versions: RuleVersion[]): JudgingRule => ({
  id: 'rule-1',
  userId: 'ana',
  opening: 'Shop',
  openingId: 1,
  versions,
  severity: () => 'CRITICAL',
  timeZone: () => 'UTC',
});

function judge(
  judged: OpenInterval,
  present: readonly AlarmRecord[],
  { now = '09:00:00', allowanceMs = 0, versions = [version] } = {},
) {
  const judging = {
    now: new Date(at(now)).toISOString(),
    allowanceMs,
    alarmId: (...parts: string[]) => parts.join(),
  };
  const { changes, pending } = judgeInterval(rule(...versions), judged, present, judging);
  return {
    changes: changes.map(({ type, alarm }) => ({ type, alarm })),
    types: changes.map(({ type }) => type),
    pending: pending === undefined ? undefined : new Date(pending).toISOString().slice(11, 19),
  };
}

describe('judgeInterval', () => {
  it('raises what is due, with the rule’s severity and the instant at which it was due', () => {
    const { changes } = judge(interval(null), []);
    expect(changes).toEqual([
      {
        type: 'AlarmRaised',
        alarm: activeAlarm({
          id: 'rule-1,OPEN_TOO_LONG,o1',
          severity: 'CRITICAL',
          updatedAt: '2026-01-31T09:00:00.000Z',
          cause: expect.stringMatching(/^open for more than 60 s, since 08:00:00/) as string,
          reason: expect.stringMatching(/^open for more than 60 s, since 08:00:00/) as string,
        }),
      },
    ]);
  });

  it('raises one whose interval is over as cleared', () => {
    expect(judge(interval('08:02:00'), []).changes).toMatchObject([
      { type: 'AlarmRaised', alarm: { status: 'CLEARED', clearedAt: '2026-01-31T08:02:00.000Z' } },
    ]);
    expect(judge(interval('08:01:00'), []).types).toEqual([]);
  });

  it('waits for what is due later while the opening is open', () => {
    expect(judge(interval(null), [], { now: '08:00:59' })).toMatchObject({ types: [], pending: '08:01:00' });
    expect(judge(interval(null), [], { now: '08:01:00' })).toMatchObject({ types: ['AlarmRaised'] });
    expect(judge(interval('08:00:30'), [], { now: '08:00:59' }).pending).toBeUndefined();
  });

  it('holds a live alarm back for the allowance, and one whose interval is over not at all', () => {
    const held = { now: '08:01:04', allowanceMs: 5_000 };
    expect(judge(interval(null), [], held)).toMatchObject({ types: [], pending: '08:01:00' });
    expect(judge(interval(null), [], { ...held, now: '08:01:05' }).types).toEqual(['AlarmRaised']);
    expect(judge(interval('08:01:02'), [], held).types).toEqual(['AlarmRaised']);
  });

  it('clears, moves and reopens an alarm with its interval’s end', () => {
    const active = activeAlarm();
    expect(judge(interval('08:02:00'), [active]).changes).toMatchObject([
      {
        type: 'AlarmCleared',
        alarm: { status: 'CLEARED', clearedAt: '2026-01-31T08:02:00.000Z', version: 2 },
      },
    ]);
    const cleared = activeAlarm({ status: 'CLEARED', clearedAt: '2026-01-31T08:02:00.000Z', version: 2 });
    expect(judge(interval('08:02:00'), [cleared]).types).toEqual([]);
    expect(judge(interval('08:01:30'), [cleared]).changes).toMatchObject([
      {
        type: 'AlarmUpdated',
        alarm: { status: 'CLEARED', clearedAt: '2026-01-31T08:01:30.000Z', version: 3 },
      },
    ]);
    expect(judge(interval(null), [cleared]).changes).toMatchObject([
      { type: 'AlarmUpdated', alarm: { status: 'ACTIVE', clearedAt: null } },
    ]);
  });

  it('retracts an alarm that was never due, keeps all that is on record of it, and takes it back', () => {
    const acknowledged = activeAlarm({ acknowledgedBy: 'ana', acknowledgedAt: '2026-01-31T08:05:00.000Z' });
    const [retraction] = judge(interval('08:00:50'), [acknowledged]).changes;
    expect(retraction).toEqual({
      type: 'AlarmRetracted',
      alarm: {
        ...acknowledged,
        status: 'RETRACTED',
        reason: 'open for more than 60 s; retracted: closed at 08:00:50 already, as a late reading shows',
        updatedAt: '2026-01-31T09:00:00.000Z',
        version: 2,
      },
    });
    // Closed in the very instant at which it would have been due.
    expect(judge(interval('08:01:00'), [acknowledged]).types).toEqual(['AlarmRetracted']);
    const retracted = retraction!.alarm;
    expect(judge(interval('08:00:40'), [retracted]).types).toEqual([]);
    expect(judge(interval(null), [retracted]).changes).toEqual([
      {
        type: 'AlarmRaised',
        alarm: { ...acknowledged, updatedAt: '2026-01-31T09:00:00.000Z', version: 3 },
      },
    ]);
  });

  it('lets an alarm stand whatever its rule says by now, wherever the clock was set', () => {
    const ended = { ...version, until: at('08:00:30') };
    expect(judge(interval(null), [activeAlarm()], { versions: [ended] }).types).toEqual([]);
    expect(judge(interval(null), [activeAlarm()], { now: '07:00:00' })).toMatchObject({
      types: [],
      pending: undefined,
    });
    expect(judge(interval('08:02:00'), [activeAlarm()], { versions: [] }).types).toEqual(['AlarmCleared']);
  });

  it('never turns the order of an alarm’s versions', () => {
    const [change] = judge(interval('08:02:00'), [activeAlarm()], { now: '07:00:00' }).changes;
    expect(change?.alarm.updatedAt).toBe(activeAlarm().updatedAt);
  });

  it('waits for the first of two kinds, and raises each once', () => {
    const both = { ...version, opensAt: '08:00', closesAt: '08:00:30', days: ['SATURDAY'] as const };
    const options = { now: '08:00:10', versions: [both] };
    expect(judge(interval(null), [], options).pending).toBe('08:00:30');
    const { types, pending, changes } = judge(interval(null), [], { ...options, now: '08:00:30' });
    expect({ types, pending }).toEqual({ types: ['AlarmRaised'], pending: '08:01:00' });
    expect(judge(interval(null), [changes[0]!.alarm], { ...options, now: '08:00:30' })).toMatchObject({
      types: [],
      pending: '08:01:00',
    });
  });
});
