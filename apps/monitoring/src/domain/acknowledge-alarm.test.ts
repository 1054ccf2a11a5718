import type { Actor } from '@seguridad-abc/contracts';
import { describe, expect, it } from 'vitest';
import { activeAlarm } from '../testing/alarms.js';
import { decideAcknowledge } from './acknowledge-alarm.js';
import { alarmStateOf } from './alarm-record.js';

const NOW = '2026-01-31T09:00:00.000Z';
const ana: Actor = { id: 'ana', role: 'customer' };
const present = alarmStateOf(activeAlarm());
const acknowledge = (note?: string | null, alarm = present, caller = ana) =>
  decideAcknowledge(alarm, { id: alarm.id, note }, { caller, now: NOW });

describe('decideAcknowledge', () => {
  it('says who, when and why, and nothing else', () => {
    const state = {
      ...present,
      acknowledgedAt: NOW,
      acknowledgedBy: 'ana',
      note: 'Delivery.\nBack soon.',
      updatedAt: NOW,
      version: 2,
    };
    expect(acknowledge(' Delivery.\r\nBack soon. ')).toEqual({
      kind: 'happened',
      event: { type: 'AlarmAcknowledged', version: 1, data: { alarm: state } },
      state,
    });
    for (const none of [undefined, null, '  ']) {
      expect(acknowledge(none)).toMatchObject({ state: { note: null } });
    }
  });

  it('takes alarms that are over, too', () => {
    for (const status of ['CLEARED', 'RETRACTED'] as const) {
      expect(acknowledge(null, { ...present, status })).toMatchObject({ state: { status } });
    }
  });

  it('says who was first where it was acknowledged before', () => {
    const first = { acknowledgedAt: '2026-01-31T08:30:00.000Z', acknowledgedBy: 'olga' };
    expect(acknowledge(null, { ...present, ...first })).toMatchObject({
      refusal: {
        code: 'CONFLICT',
        details: first,
        faults: [
          { path: ['input', 'id'], code: 'CONFLICT', message: expect.stringMatching(/olga/) as string },
        ],
      },
    });
  });

  it('refuses a note that is too long or holds control characters', () => {
    expect(acknowledge('x'.repeat(501))).toMatchObject({
      refusal: { faults: [{ path: ['input', 'note'], code: 'TOO_LONG' }] },
    });
    expect(acknowledge('a\u0007')).toMatchObject({ refusal: { faults: [{ code: 'CONTROL_CHARACTER' }] } });
    expect(acknowledge('x'.repeat(500)).kind).toBe('happened');
  });

  it('knows the alarm of another no better than one that is not there, and no device at all', () => {
    const unknown = decideAcknowledge(undefined, { id: 'x' }, { caller: ana, now: NOW });
    expect(unknown).toMatchObject({ refusal: { code: 'NOT_FOUND', faults: [{ path: ['input', 'id'] }] } });
    expect(acknowledge(null, present, { id: 'ben', role: 'customer' })).toStrictEqual(unknown);
    expect(acknowledge(null, present, { id: 'ana', role: 'device' })).toMatchObject({
      refusal: { code: 'FORBIDDEN' },
    });
    expect(acknowledge(null, present, { id: 'olga', role: 'operator' }).kind).toBe('happened');
  });
});
