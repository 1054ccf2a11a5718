import { createExceptionPeriods, type RuleVersion } from '@seguridad-abc/evaluation';
import { createRuleVersion, parseWindow } from '@seguridad-abc/evaluation/testing';
import { describe, expect, it } from 'vitest';
import { createAlarmRecord } from '../testing/fixtures.js';
import type { EvaluatedEpisode } from './episode.js';
import {
  evaluateEpisode,
  evaluateLateOpenings,
  NO_ORPHANED_ALARMS,
  retractAlarm,
  type AlarmRecord,
  type EvaluatedAlarmChange,
  type EvaluatedRule,
  type OrphanedAlarms,
  type StoredAlarmChange,
} from './interval-evaluation.js';

const at = (time: string) => Date.parse(`2026-01-31T${time}Z`);
const interval = (endedAt: string | null, startKey = 'o1', startedAt = '08:00:00'): EvaluatedEpisode => ({
  subject: 'OPEN',
  startKey,
  startedAt: at(startedAt),
  endedAt: endedAt === null ? null : at(endedAt),
});
const version = createRuleVersion({ maxOpenSeconds: 60 });
const rule = (...versions: RuleVersion[]): EvaluatedRule => ({
  id: 'rule-1',
  userId: 'ana',
  opening: 'Shop',
  openingId: 1,
  evaluated: { versions, exceptions: createExceptionPeriods([]) },
});
/** Gives a raised alarm what it gets when it is saved. */
const save = (change: EvaluatedAlarmChange): StoredAlarmChange => {
  if (!('newAlarm' in change)) return change;
  const { type, newAlarm } = change;
  const { ruleId, kind, startKey } = newAlarm;
  return { type, alarm: { ...newAlarm, id: [ruleId, kind, startKey].join(), severity: 'CRITICAL' } };
};
const createOptions = (now = '09:00:00', latenessAllowanceMs = 0) => ({
  now: new Date(at(now)).toISOString(),
  latenessAllowanceMs,
  searchUntil: at('23:00:00'),
  isWithdrawal: false,
});

function evaluate(
  evaluated: EvaluatedEpisode,
  stored: readonly AlarmRecord[],
  { now = '09:00:00', latenessAllowanceMs = 0, versions = [version], orphans = NO_ORPHANED_ALARMS } = {},
) {
  const options = createOptions(now, latenessAllowanceMs);
  const { alarmChanges, nextDueAt } = evaluateEpisode(rule(...versions), evaluated, stored, orphans, options);
  return {
    alarmChanges: alarmChanges.map(save),
    types: alarmChanges.map(({ type }) => type),
    nextDueAt: nextDueAt === Infinity ? undefined : new Date(nextDueAt).toISOString().slice(11, 19),
  };
}

describe('evaluateEpisode', () => {
  it('raises a due alarm with the due instant', () => {
    const { alarmChanges } = evaluate(interval(null), []);
    expect(alarmChanges).toEqual([
      {
        type: 'AlarmRaised',
        alarm: createAlarmRecord({
          id: 'rule-1,OPEN_TOO_LONG,o1',
          severity: 'CRITICAL',
          updatedAt: '2026-01-31T09:00:00.000Z',
          cause: expect.stringMatching(/^open for more than 60 s, since 08:00:00/) as string,
          reason: expect.stringMatching(/^open for more than 60 s, since 08:00:00/) as string,
        }),
      },
    ]);
  });

  it('raises an alarm as cleared if its interval has ended', () => {
    expect(evaluate(interval('08:02:00'), []).alarmChanges).toMatchObject([
      { type: 'AlarmRaised', alarm: { status: 'CLEARED', clearedAt: '2026-01-31T08:02:00.000Z' } },
    ]);
    expect(evaluate(interval('08:01:00'), []).types).toEqual([]);
  });

  it('returns the next due instant while the interval is open', () => {
    expect(evaluate(interval(null), [], { now: '08:00:59' })).toMatchObject({
      types: [],
      nextDueAt: '08:01:00',
    });
    expect(evaluate(interval(null), [], { now: '08:01:00' })).toMatchObject({ types: ['AlarmRaised'] });
    expect(evaluate(interval('08:00:30'), [], { now: '08:00:59' }).nextDueAt).toBeUndefined();
  });

  it('holds an alarm back for the lateness allowance only while its interval is open', () => {
    const held = { now: '08:01:04', latenessAllowanceMs: 5_000 };
    expect(evaluate(interval(null), [], held)).toMatchObject({ types: [], nextDueAt: '08:01:00' });
    expect(evaluate(interval(null), [], { ...held, now: '08:01:05' }).types).toEqual(['AlarmRaised']);
    expect(evaluate(interval('08:01:02'), [], held).types).toEqual(['AlarmRaised']);
  });

  it('follows the end of the interval: clears, updates and reactivates the alarm', () => {
    const active = createAlarmRecord();
    expect(evaluate(interval('08:02:00'), [active]).alarmChanges).toMatchObject([
      {
        type: 'AlarmCleared',
        alarm: { status: 'CLEARED', clearedAt: '2026-01-31T08:02:00.000Z', version: 2 },
      },
    ]);
    const cleared = createAlarmRecord({
      status: 'CLEARED',
      clearedAt: '2026-01-31T08:02:00.000Z',
      version: 2,
    });
    expect(evaluate(interval('08:02:00'), [cleared]).types).toEqual([]);
    expect(evaluate(interval('08:01:30'), [cleared]).alarmChanges).toMatchObject([
      {
        type: 'AlarmUpdated',
        alarm: { status: 'CLEARED', clearedAt: '2026-01-31T08:01:30.000Z', version: 3 },
      },
    ]);
    expect(evaluate(interval(null), [cleared]).alarmChanges).toMatchObject([
      { type: 'AlarmUpdated', alarm: { status: 'ACTIVE', clearedAt: null } },
    ]);
  });

  it('leaves an alarm that the interval does not reach, and can raise it again after its retraction', () => {
    const acknowledged = createAlarmRecord({
      acknowledgedBy: 'ana',
      acknowledgedAt: '2026-01-31T08:05:00.000Z',
    });
    expect(evaluate(interval('08:00:50'), [acknowledged]).types).toEqual([]);
    // Closed exactly at the due instant.
    expect(evaluate(interval('08:01:00'), [acknowledged]).types).toEqual([]);
    const retraction = retractAlarm(acknowledged, at('08:00:50'), 'UTC', createOptions());
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
    const retracted = retraction!.alarm;
    expect(retractAlarm(retracted, undefined, 'UTC', createOptions())).toBeUndefined();
    expect(evaluate(interval('08:00:40'), [retracted]).types).toEqual([]);
    expect(evaluate(interval(null), [retracted]).alarmChanges).toEqual([
      {
        type: 'AlarmRaised',
        alarm: { ...acknowledged, updatedAt: '2026-01-31T09:00:00.000Z', version: 3 },
      },
    ]);
  });

  it('continues an alarm that has lost its interval, instead of raising or reviving another one', () => {
    const orphan = createAlarmRecord({ startKey: 'o2', acknowledgedBy: 'ana' });
    const createOrphans = (): OrphanedAlarms => {
      const left = [orphan];
      return { take: () => left.pop() };
    };
    // The new start is at the same instant: nothing that clients see has changed.
    expect(evaluate(interval(null), [], { orphans: createOrphans() }).alarmChanges).toEqual([
      { type: undefined, alarm: { ...orphan, startKey: 'o1' } },
    ]);
    const earlier = interval('08:30:00', 'o1', '07:50:00');
    const [moved] = evaluate(earlier, [], { orphans: createOrphans() }).alarmChanges;
    expect(moved).toMatchObject({
      type: 'AlarmCleared',
      alarm: {
        id: orphan.id,
        acknowledgedBy: 'ana',
        startKey: 'o1',
        raisedAt: '2026-01-31T07:51:00.000Z',
        clearedAt: '2026-01-31T08:30:00.000Z',
        version: 2,
      },
    });
    const retracted = createAlarmRecord({ id: 'old', status: 'RETRACTED' });
    expect(
      evaluate(interval(null), [retracted], { orphans: createOrphans() }).alarmChanges.map(
        ({ alarm }) => alarm.id,
      ),
    ).toEqual([orphan.id]);
    const live = createAlarmRecord({ id: 'live' });
    expect(
      evaluate(interval('08:40:00'), [retracted, live], { orphans: createOrphans() }).alarmChanges,
    ).toMatchObject([{ type: 'AlarmCleared', alarm: { id: 'live' } }]);
  });

  it('keeps a raised alarm when its rule or the clock changes', () => {
    const ended = { ...version, until: at('08:00:30') };
    expect(evaluate(interval(null), [createAlarmRecord()], { versions: [ended] }).types).toEqual([]);
    expect(evaluate(interval(null), [createAlarmRecord()], { now: '07:00:00' })).toMatchObject({
      types: [],
      nextDueAt: undefined,
    });
    expect(evaluate(interval('08:02:00'), [createAlarmRecord()], { versions: [] }).types).toEqual([
      'AlarmCleared',
    ]);
  });

  it('keeps updatedAt in the order of versions when the clock is set back', () => {
    const [change] = evaluate(interval('08:02:00'), [createAlarmRecord()], { now: '07:00:00' }).alarmChanges;
    expect(change?.alarm.updatedAt).toBe(createAlarmRecord().updatedAt);
  });

  it('returns the earlier due instant of two kinds, and raises each kind once', () => {
    const both = { ...version, windows: [parseWindow('08:00-08:00:30', ['SATURDAY'])] };
    const options = { now: '08:00:10', versions: [both] };
    expect(evaluate(interval(null), [], options).nextDueAt).toBe('08:00:30');
    const { types, nextDueAt, alarmChanges } = evaluate(interval(null), [], { ...options, now: '08:00:30' });
    expect({ types, nextDueAt }).toEqual({ types: ['AlarmRaised'], nextDueAt: '08:01:00' });
    expect(evaluate(interval(null), [alarmChanges[0]!.alarm], { ...options, now: '08:00:30' })).toMatchObject(
      {
        types: [],
        nextDueAt: '08:01:00',
      },
    );
  });
});

describe('evaluateLateOpenings', () => {
  const shop = createRuleVersion({ windows: [parseWindow('09:00-18:00/09:30')] });
  const occurrence = {
    startedAt: at('09:00:00'),
    dueAt: at('09:30:00'),
    endsAt: at('18:00:00'),
    versionIndex: 0,
  };
  const openIntervals = (...intervals: readonly (readonly [from: string, until: string | null])[]) => {
    const stored = intervals.map(([from, until]) => ({
      startId: from,
      startedAt: at(from),
      endedAt: until === null ? null : at(until),
    }));
    return {
      intervalBefore: (instant: number) => stored.findLast(({ startedAt }) => startedAt < instant),
      intervalFrom: (instant: number) => stored.find(({ startedAt }) => startedAt >= instant),
    };
  };
  const evaluateAt = (
    now: string,
    stored: readonly AlarmRecord[],
    ...intervals: readonly (readonly [from: string, until: string | null])[]
  ) => {
    const opened = openIntervals(...intervals);
    const options = createOptions(now);
    const { alarmChanges, nextDueAt } = evaluateLateOpenings(
      rule(shop),
      stored,
      [occurrence],
      opened,
      'UTC',
      options,
    );
    return { alarmChanges: alarmChanges.map(save), nextDueAt };
  };

  it('raises an alarm for a window until it ends or the opening is opened', () => {
    const { alarmChanges, nextDueAt } = evaluateAt('10:00:00', []);
    expect(alarmChanges).toMatchObject([
      {
        type: 'AlarmRaised',
        alarm: {
          kind: 'NOT_OPENED',
          raisedAt: '2026-01-31T09:30:00.000Z',
          status: 'ACTIVE',
          startKey: '2026-01-31T09:00:00.000Z',
          windowEndsAt: at('18:00:00'),
        },
      },
    ]);
    expect(nextDueAt).toBe(at('18:00:00'));
    const { alarm } = alarmChanges[0]!;
    expect(evaluateAt('19:00:00', [alarm])).toMatchObject({
      nextDueAt: Infinity,
      alarmChanges: [{ type: 'AlarmCleared', alarm: { clearedAt: '2026-01-31T18:00:00.000Z' } }],
    });
    expect(evaluateAt('19:00:00', [alarm], ['11:00:00', null]).alarmChanges).toMatchObject([
      { type: 'AlarmCleared', alarm: { clearedAt: '2026-01-31T11:00:00.000Z' } },
    ]);
  });

  it('retracts it if a late reading shows that the opening was opened in time', () => {
    const { alarm } = evaluateAt('10:00:00', []).alarmChanges[0]!;
    expect(evaluateAt('10:00:00', [alarm], ['09:10:00', '09:11:00']).alarmChanges).toMatchObject([
      { type: 'AlarmRetracted', alarm: { reason: expect.stringMatching(/opened at 09:10:00/) as string } },
    ]);
    const retracted = { ...alarm, status: 'RETRACTED' as const };
    expect(evaluateAt('10:00:00', [retracted], ['08:00:00', '09:00:00']).alarmChanges).toMatchObject([
      { type: 'AlarmRaised', alarm: { id: alarm.id, status: 'ACTIVE' } },
    ]);
  });
});
