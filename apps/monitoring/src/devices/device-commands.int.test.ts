import { parseLogEvent } from '@seguridad-abc/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getQuotas, readMonitoringConfig } from '../config.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';

let test: TestStorage;
beforeEach(
  async () =>
    void (test = await openTestStorage({
      quotas: { ...getQuotas(readMonitoringConfig({})), devicesPerUser: 2 },
    })),
);
afterEach(() => test.close());

const input = { userId: 'ana', openings: ['Shop'], name: 'Sensor' };

describe('the commands of devices', () => {
  it('write events that carry the complete device, and never its key', async () => {
    const { device, key } = await test.commands.registerDevice(input);
    const revoked = await test.commands.revokeDevice({ id: device.id });
    const { entries } = await test.eventLog.read(0, 10);
    expect(entries.map(parseLogEvent)).toStrictEqual([
      { ok: true, event: { type: 'DeviceRegistered', version: 1, data: { device } } },
      { ok: true, event: { type: 'DeviceRevoked', version: 1, data: { device: revoked } } },
    ]);
    expect(JSON.stringify(entries)).not.toContain(key);
    expect(entries[0]?.actor).toStrictEqual({ id: 'olga', role: 'operator' });
  });

  it('return the first device and its key for a repeated registration, also after a restart', async () => {
    const repeated = { ...input, clientMutationId: 'key-1' };
    const first = await test.commands.registerDevice(repeated);
    await test.reopen();
    expect(await test.commands.registerDevice(repeated)).toStrictEqual(first);
  });

  it('revoke a device once', async () => {
    const { device } = await test.commands.registerDevice(input);
    const revoked = await test.commands.revokeDevice({ id: device.id });
    expect(await test.commands.revokeDevice({ id: device.id })).toStrictEqual(revoked);
    expect((await test.eventLog.end()).position).toBe(2);
    await expect(test.commands.revokeDevice({ id: 'unknown' })).rejects.toMatchObject({
      extensions: { code: 'NOT_FOUND' },
    });
  });

  it('have a quota of devices that are not revoked, for operators too', async () => {
    const { device } = await test.commands.registerDevice(input);
    await test.commands.registerDevice(input);
    await expect(test.commands.registerDevice(input)).rejects.toMatchObject({
      extensions: { code: 'QUOTA_EXCEEDED', limit: 2, faults: [{ path: ['input', 'userId'] }] },
    });
    await test.commands.registerDevice({ ...input, userId: 'ben' });
    await test.commands.revokeDevice({ id: device.id });
    await test.commands.registerDevice(input);
  });
});

it('a reading of a device names the device as its actor', async () => {
  const at = new Date().toISOString();
  const device = { id: 'ana', role: 'device', device: 'device-1' } as const;
  await test
    .commandsOf(device)
    .recordReadings({ readings: [{ id: 'r1', opening: 'Shop', state: 'OPEN', at }] });
  expect((await test.eventLog.read(0, 1)).entries[0]?.actor).toStrictEqual(device);
});
