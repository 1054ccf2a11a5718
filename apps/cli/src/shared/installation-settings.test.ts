import { resolve } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { expect, test } from 'vitest';
import { readCommandSettings, readInstallationSettings } from './installation-settings.js';
import { recordStart } from './running-start.js';

test('uses the defaults for absent and empty variables', () => {
  const expected = {
    host: '127.0.0.1',
    dataDir: resolve('data'),
    redisUrl: undefined,
    redisVariables: {},
    isProduction: false,
    hasConsole: true,
    identity: { required: true, issuer: undefined, secret: undefined, token: undefined },
    ports: { GATEWAY_PORT: '4000', MONITORING_PORT: '4001', REPORTS_PORT: '4002', HEARTBEAT_PORT: '4003' },
    unsupervisedLifetimeMs: '60000',
    watchdogTimeoutMs: '30000',
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

test('reads the settings of a Redis with Sentinels', () => {
  const variables = { REDIS_SENTINELS: 's1:26379,s2:26379', REDIS_PREFIX: 'shop:', REDIS_CA_FILE: '' };
  const settings = readInstallationSettings(variables);
  // npm start runs no Redis.
  expect(settings.redisUrl).toBe('redis://127.0.0.1:6379');
  expect(settings.redisVariables).toEqual({
    REDIS_SENTINELS: 's1:26379,s2:26379',
    REDIS_PREFIX: 'shop:',
  });
});

test('a command uses the addresses of the running start, unless its own environment has others', () => {
  const folder = temporaryFolder();
  const file = { DATA_DIR: folder.path, GATEWAY_PORT: '4100', REDIS_URL: 'redis://r:1' };
  const givenEnv = { REPORTS_PORT: '7002', MONITORING_PORT: '' };
  const env = { ...file, ...givenEnv };
  const read = () => readCommandSettings(env, givenEnv);
  expect(read()).toEqual(readInstallationSettings(env));

  const ports = {
    GATEWAY_PORT: '5000',
    MONITORING_PORT: '5001',
    REPORTS_PORT: '5002',
    HEARTBEAT_PORT: '5003',
  };
  const addresses = { HOST: '::1', REDIS_URL: '', ...ports };
  const removeRecord = recordStart(folder.path, { url: 'http://[::1]:5000', addresses });
  expect(read()).toMatchObject({
    host: '::1',
    ports: { ...ports, REPORTS_PORT: '7002' },
    redisUrl: undefined,
  });
  removeRecord();
  expect(read()).toEqual(readInstallationSettings(env));
  folder.remove();
});
