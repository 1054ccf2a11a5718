import type { Actor, AlarmEvent, AlarmState } from '@seguridad-abc/contracts';
import { createAlarmState } from '@seguridad-abc/contracts/testing';
import { describe, expect, it } from 'vitest';
import { decideAcknowledgeAlarm, evolveAlarm } from './alarm-decisions.js';
import type { Decision } from './decision.js';

const NOW = '2026-01-31T09:00:00.000Z';
const ana: Actor = { id: 'ana', role: 'customer' };
const present = createAlarmState();
const acknowledge = (note?: string | null, alarm = present, caller = ana) =>
  decideAcknowledgeAlarm(alarm, { id: alarm.id, note }, { caller, now: NOW });

function getAlarm(decision: Decision<AlarmEvent>): AlarmState {
  const [event] = decision.kind === 'accepted' ? decision.events : [];
  if (!event) throw new Error(`no event: ${JSON.stringify(decision)}`);
  return evolveAlarm(present, event);
}

describe('decideAcknowledgeAlarm', () => {
  it('records who acknowledges the alarm, when and why, and changes nothing else', () => {
    const state = {
      ...present,
      acknowledgedAt: NOW,
      acknowledgedBy: 'ana',
      note: 'Delivery.\nBack soon.',
      updatedAt: NOW,
      version: 2,
    };
    expect(acknowledge(' Delivery.\r\nBack soon. ')).toEqual({
      kind: 'accepted',
      events: [{ type: 'AlarmAcknowledged', version: 1, data: { alarm: state } }],
    });
    for (const none of [undefined, null, '  ']) {
      expect(getAlarm(acknowledge(none)).note).toBeNull();
    }
  });

  it('accepts alarms that are cleared or retracted', () => {
    for (const status of ['CLEARED', 'RETRACTED'] as const) {
      expect(getAlarm(acknowledge(null, { ...present, status })).status).toBe(status);
    }
  });

  it('rejects a second acknowledgement and names the first', () => {
    const first = { acknowledgedAt: '2026-01-31T08:30:00.000Z', acknowledgedBy: 'olga' };
    expect(acknowledge(null, { ...present, ...first })).toMatchObject({
      code: 'CONFLICT',
      details: first,
      faults: [{ path: ['input', 'id'], code: 'CONFLICT', message: expect.stringMatching(/olga/) as string }],
    });
  });

  it('rejects a note that is too long or contains control characters', () => {
    expect(acknowledge('x'.repeat(501))).toMatchObject({
      faults: [{ path: ['input', 'note'], code: 'TOO_LONG' }],
    });
    expect(acknowledge('a\u0007')).toMatchObject({ faults: [{ code: 'CONTROL_CHARACTER' }] });
    expect(acknowledge('x'.repeat(500)).kind).toBe('accepted');
  });

  it('hides alarms of other users, and forbids devices', () => {
    const unknown = decideAcknowledgeAlarm(undefined, { id: 'x' }, { caller: ana, now: NOW });
    expect(unknown).toMatchObject({ code: 'NOT_FOUND', faults: [{ path: ['input', 'id'] }] });
    expect(acknowledge(null, present, { id: 'ben', role: 'customer' })).toStrictEqual(unknown);
    expect(acknowledge(null, present, { id: 'ana', role: 'device' })).toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(acknowledge(null, present, { id: 'olga', role: 'operator' }).kind).toBe('accepted');
  });
});
