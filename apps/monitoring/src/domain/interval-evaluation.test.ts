import type { OpeningInterval, RuleVersion } from '@seguridad-abc/evaluation';
import { describe, expect, it } from 'vitest';
import { createAlarmRecord } from '../testing/fixtures.js';
import { evaluateInterval, type AlarmRecord, type EvaluatedRule } from './interval-evaluation.js';

const at = (time: string) => Date.parse(`2026-01-31T${time}Z`);
const interval = (endedAt: string | null, startId = 'o1'): OpeningInterval => ({
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
const rule = (...versions: RuleVersion[]): EvaluatedRule => ({
  id: 'rule-1',
  userId: 'ana',
  opening: 'Shop',
  openingId: 1,
  versions,
  getSeverity: () => 'CRITICAL',
  getTimeZone: () => 'UTC',
});

function evaluate(
  evaluated: OpeningInterval,
  stored: readonly AlarmRecord[],
  { now = '09:00:00', latenessAllowanceMs = 0, versions = [version] } = {},
) {
  const options = {
    now: new Date(at(now)).toISOString(),
    latenessAllowanceMs,
    deriveAlarmId: (...parts: string[]) => parts.join(),
  };
  const { alarmChanges, nextDueAt } = evaluateInterval(rule(...versions), evaluated, stored, options);
  return {
    alarmChanges,
    types: alarmChanges.map(({ type }) => type),
    nextDueAt: nextDueAt === undefined ? undefined : new Date(nextDueAt).toISOString().slice(11, 19),
  };
}

describe('evaluateInterval', () => {
  it('raises a due alarm with the severity of the rule and the due instant', () => {
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

  it('retracts an alarm that was never due, keeps its history, and can raise it again', () => {
    const acknowledged = createAlarmRecord({
      acknowledgedBy: 'ana',
      acknowledgedAt: '2026-01-31T08:05:00.000Z',
    });
    const [retraction] = evaluate(interval('08:00:50'), [acknowledged]).alarmChanges;
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
    // Closed exactly at the due instant.
    expect(evaluate(interval('08:01:00'), [acknowledged]).types).toEqual(['AlarmRetracted']);
    const retracted = retraction!.alarm;
    expect(evaluate(interval('08:00:40'), [retracted]).types).toEqual([]);
    expect(evaluate(interval(null), [retracted]).alarmChanges).toEqual([
      {
        type: 'AlarmRaised',
        alarm: { ...acknowledged, updatedAt: '2026-01-31T09:00:00.000Z', version: 3 },
      },
    ]);
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
    const both = { ...version, opensAt: '08:00', closesAt: '08:00:30', days: ['SATURDAY'] as const };
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
