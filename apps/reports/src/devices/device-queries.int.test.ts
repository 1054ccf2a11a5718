import type { DeviceState } from '@seguridad-abc/contracts';
import { createDeviceState } from '@seguridad-abc/contracts/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestReadModel, type TestReadModel } from '../testing/test-read-model.js';

let model: TestReadModel;
beforeEach(() => void (model = openTestReadModel()));
afterEach(() => model.close());

const REVOKED_AT = '2026-02-01T08:00:00.000Z';
const write = (...states: Partial<DeviceState>[]) =>
  model.write({
    devices: states.map((state, index) => ({
      state: createDeviceState({ id: `device-${index + 1}`, ...state }),
      createdPosition: index + 1,
    })),
  });
const list = async (userId = 'ana', limits = {}) =>
  (await model.createQueries(undefined, limits).devices.listByUser(userId)).map(({ id }) => id);

describe('the devices of a user', () => {
  it('are those that are not revoked, then the revoked ones, each the newest first', async () => {
    await write({}, { revokedAt: REVOKED_AT }, {}, { revokedAt: REVOKED_AT }, { userId: 'ben' });
    expect(await list()).toEqual(['device-3', 'device-1', 'device-4', 'device-2']);
    expect(await list('ben')).toEqual(['device-5']);
    expect(await list('nobody')).toEqual([]);
  });

  it('include all that are not revoked, and the 100 newest revoked ones', async () => {
    const revoked = Array.from({ length: 101 }, () => ({ revokedAt: REVOKED_AT }));
    await write({}, ...revoked);
    const ids = await list();
    expect(ids).toHaveLength(101);
    expect([ids[0], ids[1], ids.at(-1)]).toEqual(['device-1', 'device-102', 'device-3']);
  });

  it('cost rows of the request', async () => {
    await write({}, {}, {});
    await expect(list('ana', { rows: 2 })).rejects.toMatchObject({
      extensions: { code: 'OPERATION_TOO_COSTLY', limit: 2 },
    });
  });

  it('make the user known', async () => {
    await write({});
    const { users } = model.createQueries();
    expect(await users.findById('ana')).toEqual({ id: 'ana' });
    expect(await users.findById('ben')).toBeNull();
  });
});
