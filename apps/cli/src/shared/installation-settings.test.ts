import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readInstallationSettings } from './installation-settings.js';

test('uses the defaults for absent and empty variables', () => {
  const expected = {
    host: '127.0.0.1',
    dataDir: resolve('data'),
    redisUrl: undefined,
    isProduction: false,
    identity: { required: true, issuer: undefined, secret: undefined, token: undefined },
    ports: { GATEWAY_PORT: '4000', MONITORING_PORT: '4001', REPORTS_PORT: '4002', HEARTBEAT_PORT: '4003' },
  };
  expect(readInstallationSettings({})).toEqual(expected);
  expect(readInstallationSettings({ HOST: '', DATA_DIR: ' ', REDIS_URL: '', GATEWAY_PORT: '' })).toEqual(
    expected,
  );
});

test('reads the variables; a relative data folder starts at the project', () => {
  const settings = readInstallationSettings({
    DATA_DIR: 'there',
    REDIS_URL: 'redis://r:1',
    GATEWAY_PORT: '5000',
    HOST: '::',
  });
  expect(settings).toMatchObject({ dataDir: resolve('there'), redisUrl: 'redis://r:1', host: '::' });
  expect(settings.ports).toMatchObject({ GATEWAY_PORT: '5000', REPORTS_PORT: '4002' });
});
