import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readInstallationSettings, toReachableAddress } from './installation-settings.mjs';

test('uses the defaults for absent and empty variables', () => {
  const expected = {
    host: '127.0.0.1',
    dataDir: resolve('data'),
    redisUrl: undefined,
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

test('replaces a wildcard address by loopback', () => {
  expect(toReachableAddress('0.0.0.0', '4000')).toBe('127.0.0.1:4000');
  expect(toReachableAddress('::', '4000')).toBe('[::1]:4000');
  expect(toReachableAddress('192.0.2.7', '4000')).toBe('192.0.2.7:4000');
});
