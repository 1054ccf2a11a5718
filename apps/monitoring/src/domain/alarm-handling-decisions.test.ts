import { isAlarmQueued, type Actor, type AlarmEvent, type AlarmState } from '@seguridad-abc/contracts';
import { createAlarmState } from '@seguridad-abc/contracts/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideAcknowledgeAlarm, evolveAlarm } from './alarm-decisions.js';
import {
  decideClaimAlarm,
  decideCommentAlarm,
  decideReleaseAlarm,
  decideResolveAlarm,
} from './alarm-handling-decisions.js';
import type { Decision } from './decision.js';

const NOW = '2026-01-31T09:00:00.000Z';
const EARLIER = '2026-01-31T08:30:00.000Z';
const ana: Actor = { id: 'ana', role: 'customer' };
const olga: Actor = { id: 'olga', role: 'operator' };
const omar: Actor = { id: 'omar', role: 'operator' };
const present = createAlarmState();
const { id } = present;
const claimed = createAlarmState({ claimedBy: 'olga', claimedAt: EARLIER });
const resolved = createAlarmState({
  resolution: { code: 'TEST', note: null, by: 'olga', at: EARLIER },
});

const claim = (alarm: AlarmState | undefined = present, caller = olga) =>
  decideClaimAlarm(alarm, { caller, now: NOW });
const release = (alarm: AlarmState | undefined = claimed, caller = olga) =>
  decideReleaseAlarm(alarm, { caller, now: NOW });
const comment = (text = 'Called.', alarm: AlarmState | undefined = present, caller = ana) =>
  decideCommentAlarm(alarm, { id, text }, { caller, now: NOW });
const resolve = (alarm: AlarmState | undefined = present, caller = olga, note?: string | null) =>
  decideResolveAlarm(alarm, { id, code: 'VERIFIED', note }, { caller, now: NOW });

function getEvent(decision: Decision<AlarmEvent>): AlarmEvent {
  const [event] = decision.kind === 'accepted' ? decision.events : [];
  if (!event) throw new Error(`no event: ${JSON.stringify(decision)}`);
  return event;
}
const getAlarm = (decision: Decision<AlarmEvent>): AlarmState => evolveAlarm(present, getEvent(decision));

const UNCHANGED = { kind: 'accepted', events: [] };
const STATUSES = ['ACTIVE', 'CLEARED', 'RETRACTED'] as const;

describe('decideClaimAlarm', () => {
  it('records who claims the alarm and when, and changes nothing else', () => {
    const claimed = { claimedBy: 'olga', claimedAt: NOW, claimCount: 1 };
    const alarm = { ...present, ...claimed, updatedAt: NOW, version: 2 };
    expect(claim()).toEqual({
      kind: 'accepted',
      events: [{ type: 'AlarmClaimed', version: 1, data: { alarm } }],
    });
    for (const status of STATUSES) expect(getAlarm(claim({ ...present, status })).status).toBe(status);
  });

  it('changes nothing if the caller has claimed the alarm already', () => {
    expect(claim(claimed)).toEqual(UNCHANGED);
  });

  it('rejects the claim of another operator, and names the first', () => {
    expect(claim(claimed, omar)).toMatchObject({
      code: 'CONFLICT',
      details: { claimedBy: 'olga', claimedAt: EARLIER },
      faults: [{ path: ['input', 'id'], code: 'CONFLICT', message: expect.stringMatching(/olga/) as string }],
    });
  });

  it('rejects an alarm that is resolved', () => {
    expect(claim(resolved)).toMatchObject({
      code: 'CONFLICT',
      details: { resolvedBy: 'olga', resolvedAt: EARLIER },
    });
  });

  it('is possible a limited number of times; a release and a resolution are always', () => {
    const often = { ...present, claimCount: 99 };
    expect(claim(often).kind).toBe('accepted');
    const limit = { ...present, claimCount: 100 };
    expect(claim(limit)).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      details: { limit: 100 },
      faults: [{ path: ['input', 'id'], code: 'QUOTA_EXCEEDED' }],
    });
    expect(claim({ ...claimed, claimCount: 100 })).toEqual(UNCHANGED);
    expect(release({ ...claimed, claimCount: 100 }).kind).toBe('accepted');
    expect(resolve(limit).kind).toBe('accepted');
  });

  it('brings an alarm of an earlier version into the queue', () => {
    const old = createAlarmState({ status: 'CLEARED', needsResolution: false });
    expect(isAlarmQueued(old)).toBe(false);
    expect(isAlarmQueued(getAlarm(claim(old)))).toBe(true);
  });
});

describe('decideReleaseAlarm', () => {
  it('ends the claim, also that of another operator', () => {
    for (const caller of [olga, omar]) {
      const alarm = { ...present, updatedAt: NOW, version: 2 };
      expect(release(claimed, caller)).toEqual({
        kind: 'accepted',
        events: [{ type: 'AlarmReleased', version: 1, data: { alarm, releasedBy: caller.id } }],
      });
    }
  });

  it('changes nothing if nobody has claimed the alarm', () => {
    expect(release(present)).toEqual(UNCHANGED);
    expect(release(resolved)).toEqual(UNCHANGED);
  });
});

describe('decideCommentAlarm', () => {
  it('adds a comment of the owner and of operators, whatever has become of the alarm', () => {
    for (const caller of [ana, olga])
      for (const alarm of [present, claimed, resolved, { ...present, status: 'RETRACTED' as const }])
        expect(getEvent(comment(' Delivery.\r\nBack soon. ', alarm, caller))).toEqual({
          type: 'AlarmCommented',
          version: 1,
          data: {
            alarm: { ...alarm, commentCount: 1, updatedAt: NOW, version: 2 },
            comment: { by: caller.id, text: 'Delivery.\nBack soon.' },
          },
        });
  });

  it.each([
    ['', 'EMPTY'],
    [' \n ', 'EMPTY'],
    ['x'.repeat(2_001), 'TOO_LONG'],
    ['😀'.repeat(2_001), 'TOO_LONG'],
    ['x'.repeat(1_000_000), 'TOO_LONG'],
    ['a\u0007', 'CONTROL_CHARACTER'],
    ['\ud83d', 'CONTROL_CHARACTER'],
  ])('rejects a text that is wrong', (text, code) => {
    expect(comment(text)).toMatchObject({
      code: 'BAD_USER_INPUT',
      faults: [{ path: ['input', 'text'], code }],
    });
  });

  it('accepts a text at the limit', () => {
    expect(comment('😀'.repeat(2_000)).kind).toBe('accepted');
  });

  it('bounds the comments of customers, not those of operators', () => {
    expect(comment('Last.', { ...present, commentCount: 99 }).kind).toBe('accepted');
    expect(comment('One more.', { ...present, commentCount: 100 })).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      details: { limit: 100 },
      faults: [{ path: ['input', 'id'], code: 'QUOTA_EXCEEDED' }],
    });
    expect(comment('Police sent.', { ...present, commentCount: 5_000 }, olga).kind).toBe('accepted');
  });
});

describe('decideResolveAlarm', () => {
  it('records the resolution, ends the claim, and leaves the status', () => {
    for (const status of STATUSES) {
      const alarm = { ...claimed, status };
      const resolution = { code: 'VERIFIED', note: 'Seen on camera 2.', by: 'olga', at: NOW };
      expect(resolve(alarm, olga, ' Seen on camera 2. ')).toEqual({
        kind: 'accepted',
        events: [
          {
            type: 'AlarmResolved',
            version: 1,
            data: {
              alarm: { ...alarm, claimedBy: null, claimedAt: null, resolution, updatedAt: NOW, version: 2 },
            },
          },
        ],
      });
    }
    for (const none of [undefined, null, '  '])
      expect(getAlarm(resolve(present, olga, none)).resolution?.note).toBeNull();
  });

  it('is possible once', () => {
    expect(resolve(resolved)).toMatchObject({
      code: 'CONFLICT',
      details: { resolvedBy: 'olga', resolvedAt: EARLIER },
      faults: [{ path: ['input', 'id'], message: expect.stringMatching(/as TEST/) as string }],
    });
  });

  it('rejects an alarm that another operator has claimed', () => {
    expect(resolve(claimed, omar)).toMatchObject({ code: 'CONFLICT', details: { claimedBy: 'olga' } });
  });

  it('rejects a note that is too long or contains control characters', () => {
    expect(resolve(present, olga, 'x'.repeat(501))).toMatchObject({
      faults: [{ path: ['input', 'note'], code: 'TOO_LONG' }],
    });
    expect(resolve(present, olga, 'a\u0007')).toMatchObject({ faults: [{ code: 'CONTROL_CHARACTER' }] });
    expect(resolve(present, olga, 'x'.repeat(500)).kind).toBe('accepted');
  });
});

describe('access to the handling of alarms', () => {
  it('is for operators, except for comments', () => {
    for (const caller of [ana, { id: 'ana', role: 'device' } as const])
      for (const decision of [claim(present, caller), release(claimed, caller), resolve(present, caller)])
        expect(decision).toMatchObject({ code: 'FORBIDDEN', faults: [{ path: ['input'] }] });
    expect(comment('Hello.', present, { id: 'ana', role: 'device' })).toMatchObject({ code: 'FORBIDDEN' });
  });

  it('hides alarms of other users', () => {
    const unknown = decideCommentAlarm(undefined, { id, text: 'Hello.' }, { caller: ana, now: NOW });
    expect(unknown).toMatchObject({ code: 'NOT_FOUND', faults: [{ path: ['input', 'id'] }] });
    expect(comment('Hello.', present, { id: 'ben', role: 'customer' })).toStrictEqual(unknown);
    const context = { caller: olga, now: NOW };
    for (const decision of [
      decideClaimAlarm(undefined, context),
      decideReleaseAlarm(undefined, context),
      decideResolveAlarm(undefined, { id, code: 'TEST' }, context),
    ])
      expect(decision).toStrictEqual(unknown);
  });
});

describe('the handling of an alarm', () => {
  const callers = fc.constantFrom<Actor>(ana, olga, omar);
  const commands = fc.constantFrom<(alarm: AlarmState, caller: Actor, now: string) => Decision<AlarmEvent>>(
    (alarm, caller, now) => decideClaimAlarm(alarm, { caller, now }),
    (alarm, caller, now) => decideReleaseAlarm(alarm, { caller, now }),
    (alarm, caller, now) => decideCommentAlarm(alarm, { id, text: 'Hello.' }, { caller, now }),
    (alarm, caller, now) => decideResolveAlarm(alarm, { id, code: 'OTHER' }, { caller, now }),
    (alarm, caller, now) => decideAcknowledgeAlarm(alarm, { id }, { caller, now }),
  );

  it('keeps its rules through every sequence of commands, also if the clock is set back', () => {
    const steps = fc.array(fc.record({ command: commands, caller: callers, minute: fc.nat(59) }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(steps, (sequence) => {
        let alarm = present;
        for (const { command, caller, minute } of sequence) {
          const now = `2026-01-31T09:${String(minute).padStart(2, '0')}:00.000Z`;
          const decision = command(alarm, caller, now);
          if (decision.kind === 'rejected') continue;
          for (const event of decision.events) {
            const next = evolveAlarm(alarm, event);
            expect(next.version).toBe(alarm.version + 1);
            expect(next.updatedAt >= alarm.updatedAt).toBe(true);
            expect((next.claimedBy === null) === (next.claimedAt === null)).toBe(true);
            // A claim passes to another operator only through a release.
            if (alarm.claimedBy !== null && next.claimedBy !== null)
              expect(next.claimedBy).toBe(alarm.claimedBy);
            // A resolution is final, and nobody works on what is resolved.
            if (alarm.resolution) expect(next.resolution).toEqual(alarm.resolution);
            if (next.resolution) expect(next.claimedBy).toBeNull();
            // The entries of a timeline are in the order of time.
            if (event.type === 'AlarmClaimed') expect(next.claimedAt).toBe(next.updatedAt);
            if (event.type === 'AlarmResolved') expect(next.resolution?.at).toBe(next.updatedAt);
            expect(isAlarmQueued(next)).toBe(next.resolution === null);
            expect(next.commentCount).toBe(alarm.commentCount + Number(event.type === 'AlarmCommented'));
            alarm = next;
          }
        }
      }),
    );
  });
});
