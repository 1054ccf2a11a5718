import type { Actor, DeviceEvent } from '@seguridad-abc/contracts';
import { createDeviceState } from '@seguridad-abc/contracts/testing';
import { describe, expect, it } from 'vitest';
import type { Decision } from './decision.js';
import {
  decideRegisterDevice,
  decideRevokeDevice,
  evolveDevice,
  type RegisterDeviceCommand,
} from './device-decisions.js';

const NOW = '2026-01-31T09:00:00.000Z';
const olga: Actor = { id: 'olga', role: 'operator' };
const register = (changes: Partial<RegisterDeviceCommand> = {}, caller = olga) =>
  decideRegisterDevice(
    'device-1',
    { userId: 'ana', openings: ['Shop'], name: 'Sensor', ...changes },
    { caller, now: NOW },
  );

function getDevice(decision: Decision<DeviceEvent>) {
  const [event] = decision.kind === 'accepted' ? decision.events : [];
  if (!event) throw new Error(`no event: ${JSON.stringify(decision)}`);
  return evolveDevice(undefined, event);
}

describe('decideRegisterDevice', () => {
  it('registers a device for a user and openings', () => {
    expect(register()).toStrictEqual({
      kind: 'accepted',
      events: [
        {
          type: 'DeviceRegistered',
          version: 1,
          data: {
            device: {
              id: 'device-1',
              userId: 'ana',
              openings: ['Shop'],
              name: 'Sensor',
              createdAt: NOW,
              revokedAt: null,
              updatedAt: NOW,
              version: 1,
            },
          },
        },
      ],
    });
  });

  it('without openings, the device is for all openings of the user', () => {
    expect(getDevice(register({ openings: null })).openings).toBeNull();
    expect(getDevice(register({ openings: undefined })).openings).toBeNull();
  });

  it('normalizes the names of openings as readings do', () => {
    expect(getDevice(register({ openings: [' A\u0301lamo ', 'Back'] })).openings).toEqual(['Álamo', 'Back']);
  });

  it.each<[string, Partial<RegisterDeviceCommand>, string, (string | number)[]]>([
    ['no opening', { openings: [] }, 'OUT_OF_RANGE', ['input', 'openings']],
    [
      'too many openings',
      { openings: Array.from({ length: 101 }, (_, i) => `${i}`) },
      'OUT_OF_RANGE',
      ['input', 'openings'],
    ],
    ['an empty name of an opening', { openings: ['Shop', ' '] }, 'EMPTY', ['input', 'openings', 1]],
    ['an opening twice', { openings: ['Shop', 'Shop '] }, 'REPEATED', ['input', 'openings', 1]],
    ['an empty name', { name: '' }, 'EMPTY', ['input', 'name']],
    ['a long name', { name: 'x'.repeat(121) }, 'TOO_LONG', ['input', 'name']],
    ['an empty user', { userId: '' }, 'EMPTY', ['input', 'userId']],
  ])('rejects %s', (_, changes, code, path) => {
    expect(register(changes)).toMatchObject({ code: 'BAD_USER_INPUT', faults: [{ code, path }] });
  });
});

describe('decideRevokeDevice', () => {
  const device = createDeviceState();

  it('revokes a device, and changes nothing if it is revoked already', () => {
    const revoked = getDevice(decideRevokeDevice(device, { caller: olga, now: NOW }));
    expect(revoked).toStrictEqual({ ...device, revokedAt: NOW, updatedAt: NOW, version: 2 });
    expect(decideRevokeDevice(revoked, { caller: olga, now: '2026-02-01T09:00:00.000Z' })).toStrictEqual({
      kind: 'accepted',
      events: [],
    });
  });

  it('rejects an unknown device', () => {
    expect(decideRevokeDevice(undefined, { caller: olga, now: NOW })).toMatchObject({ code: 'NOT_FOUND' });
  });
});

it('only operators register and revoke devices', () => {
  for (const role of ['customer', 'device'] as const) {
    const caller: Actor = { id: 'ana', role };
    expect(register({}, caller)).toMatchObject({ code: 'FORBIDDEN' });
    expect(decideRevokeDevice(createDeviceState(), { caller, now: NOW })).toMatchObject({
      code: 'FORBIDDEN',
    });
  }
});
