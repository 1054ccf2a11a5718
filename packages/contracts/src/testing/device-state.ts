import type { DeviceState } from '../device.js';

/** A valid device for tests: a sensor of `ana` that may record readings of the shop door. */
export const createDeviceState = (overrides: Partial<DeviceState> = {}): DeviceState => ({
  id: 'device-1',
  userId: 'ana',
  name: 'Sensor of the shop door',
  openings: ['Shop'],
  createdAt: '2026-01-31T08:00:00.000Z',
  revokedAt: null,
  updatedAt: '2026-01-31T08:00:00.000Z',
  version: 1,
  ...overrides,
});
