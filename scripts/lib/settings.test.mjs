import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { localAddress, readSettings } from './settings.mjs';

test('defaults where nothing is given, and an empty variable counts as absent', () => {
  const expected = {
    host: '127.0.0.1',
    dataDir: resolve('data'),
    redisUrl: undefined,
    identity: { required: true, issuer: undefined, secret: undefined, token: undefined },
    ports: { GATEWAY_PORT: '4000', MONITORING_PORT: '4001', REPORTS_PORT: '4002', HEARTBEAT_PORT: '4003' },
  };
  expect(readSettings({})).toEqual(expected);
  expect(readSettings({ HOST: '', DATA_DIR: ' ', REDIS_URL: '', GATEWAY_PORT: '' })).toEqual(expected);
});

test('what is given is taken, a relative data folder from where the start is', () => {
  const settings = readSettings({
    DATA_DIR: 'there',
    REDIS_URL: 'redis://r:1',
    GATEWAY_PORT: '5000',
    HOST: '::',
  });
  expect(settings).toMatchObject({ dataDir: resolve('there'), redisUrl: 'redis://r:1', host: '::' });
  expect(settings.ports).toMatchObject({ GATEWAY_PORT: '5000', REPORTS_PORT: '4002' });
});

test('a wildcard is reached over loopback', () => {
  expect(localAddress('0.0.0.0', '4000')).toBe('127.0.0.1:4000');
  expect(localAddress('::', '4000')).toBe('[::1]:4000');
  expect(localAddress('192.0.2.7', '4000')).toBe('192.0.2.7:4000');
});
