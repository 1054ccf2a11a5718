import { describe, expect, it } from 'vitest';
import {
  commonSettings,
  createCountSetting,
  resolveInstanceId,
  createPortSetting,
  readSettings,
} from './settings.js';

const shape = {
  ...commonSettings,
  REPORTS_PORT: createPortSetting(4002),
  LIMIT: createCountSetting(10, 1, 100),
};

describe('readSettings', () => {
  it('uses the defaults for absent and empty variables', () => {
    expect(readSettings(shape, { REPORTS_PORT: ' ', PATH: '/usr/bin' })).toStrictEqual({
      AUTH: 'required',
      AUTH_ROLE_CLAIM: 'role',
      AUTH_TIER_CLAIM: 'tier',
      AUTH_SCOPE_CLAIM: 'scope',
      AUTH_POLICY_CLAIM: 'policies',
      HOST: '127.0.0.1',
      ALLOWED_HOSTS: [],
      DATA_DIR: './data',
      REDIS_URL: 'redis://127.0.0.1:6379',
      REDIS_SENTINEL_NAME: 'mymaster',
      REDIS_PREFIX: 'seguridad:',
      HEARTBEAT_INTERVAL_MS: 2_000,
      LOG_LEVEL: 'info',
      NODE_ENV: 'development',
      REPORTS_PORT: 4002,
      LIMIT: 10,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_SDK_DISABLED: false,
      OTEL_TRACES_SAMPLER: 'parentbased_always_on',
      PUBLIC_STATUS: false,
    });
  });

  it('reports every invalid setting in one message', () => {
    const read = () =>
      readSettings(shape, { REPORTS_PORT: '70000', LIMIT: '1.5', REDIS_URL: 'localhost', LOG_LEVEL: 'loud' });
    expect(read).toThrow(/REPORTS_PORT must be a whole number from 1 to 65535 \(it is "70000"\)/);
    expect(read).toThrow(/LIMIT .*REDIS_URL|REDIS_URL .*LIMIT/);
    expect(read).toThrow(/LOG_LEVEL/);
  });
});

describe('resolveInstanceId', () => {
  it('returns the setting, else an id that is stable over restarts', () => {
    expect(resolveInstanceId({ INSTANCE_ID: 'a' }, 1)).toBe('a');
    expect(resolveInstanceId({}, 4002)).toMatch(/:4002$/);
    expect(resolveInstanceId({}, 4002)).toBe(resolveInstanceId({}, 4002));
  });
});

it('no message shows a secret or the password of Redis', () => {
  const shape = {
    INSTALLATION_SECRET: commonSettings.INSTALLATION_SECRET,
    REDIS_URL: commonSettings.REDIS_URL,
  };
  const read = () =>
    readSettings(shape, { INSTALLATION_SECRET: 'hunter2', REDIS_URL: 'http://:hunter2@host' });
  expect(read).toThrow(/INSTALLATION_SECRET .*REDIS_URL|REDIS_URL .*INSTALLATION_SECRET/);
  expect(read).not.toThrow(/hunter2/);
});

it.each([
  ['https://doors.example.com', true],
  ['http://localhost:4000', true],
  ['https://doors.example.com/', false],
  ['https://doors.example.com/path', false],
  ['https://user@doors.example.com', false],
  ['doors.example.com', false],
  ['javascript:alert(1)', false],
])('PUBLIC_ORIGIN=%s is valid: %s', (PUBLIC_ORIGIN, isValid) => {
  expect(commonSettings.PUBLIC_ORIGIN.safeParse(PUBLIC_ORIGIN).success).toBe(isValid);
});
