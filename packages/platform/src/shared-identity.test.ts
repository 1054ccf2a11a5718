import { describe, expect, test } from 'vitest';
import { StartError } from './errors.js';
import { assertSharedIdentity } from './shared-identity.js';

const settings = { HOST: '10.0.0.1', INSTALLATION_SECRET: undefined };

describe('a process that works with another machine', () => {
  test('does not start without a common secret, and names the setting and the machine', () => {
    const start = () =>
      assertSharedIdentity(settings, {
        INTERNAL_HOSTS: ['localhost'],
        MONITORING_URL: ['::1', 'monitoring-2'],
      });
    expect(start).toThrow(StartError);
    expect(start).toThrow(
      /^MONITORING_URL names another machine \(monitoring-2\), but INSTALLATION_SECRET is not set\. Set it to /,
    );
  });

  test('does not start without a common secret if instances share a database', () => {
    const start = () =>
      assertSharedIdentity({ ...settings, DATABASE_URL: 'postgresql://127.0.0.1/shop' }, {});
    expect(start).toThrow(
      /^DATABASE_URL is set, which several instances share, but INSTALLATION_SECRET is not set\. Set it to /,
    );
  });

  test('starts with one', () =>
    assertSharedIdentity(
      { ...settings, INSTALLATION_SECRET: 's'.repeat(32) },
      { INTERNAL_HOSTS: ['monitoring-2'] },
    ));
});

test.each([['127.0.0.1'], ['localhost'], ['::1'], ['10.0.0.1']])('%s is this machine', (host) =>
  assertSharedIdentity(settings, { MONITORING_URL: [host] }),
);

test('without addresses, nothing is needed', () => assertSharedIdentity(settings, { MONITORING_URL: [] }));
