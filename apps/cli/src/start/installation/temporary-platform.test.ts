import { expect, test } from 'vitest';
import { createEmptySettings } from './temporary-platform.js';

test('every setting is empty, so that it counts as absent', () => {
  const settings = createEmptySettings();
  expect(settings).toMatchObject({ HOST: '', REDIS_URL: '', MONITORING_URL: '', HEARTBEAT_INTERVAL_MS: '' });
  expect(new Set(Object.values(settings))).toEqual(new Set(['']));
});
