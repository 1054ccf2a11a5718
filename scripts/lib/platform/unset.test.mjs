import { expect, test } from 'vitest';
import { unsetSettings } from './unset.mjs';

test('every setting is empty, which counts as absent', () => {
  const settings = unsetSettings();
  expect(settings).toMatchObject({ HOST: '', REDIS_URL: '', MONITORING_URL: '', HEARTBEAT_INTERVAL_MS: '' });
  expect(new Set(Object.values(settings))).toEqual(new Set(['']));
});
