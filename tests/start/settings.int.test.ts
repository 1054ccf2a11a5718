import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gatewaySettings, readGatewayConfig } from '@seguridad-abc/gateway';
import { heartbeatSettings, readHeartbeatConfig } from '@seguridad-abc/heartbeat';
import { monitoringSettings, readMonitoringConfig } from '@seguridad-abc/monitoring';
import { reportsSettings, readReportsConfig } from '@seguridad-abc/reports';
import type { EnvironmentVariables } from '@seguridad-abc/platform';
import { describe, expect, test } from 'vitest';

const text = readFileSync(fileURLToPath(new URL('../../.env.example', import.meta.url)), 'utf8');
const example: EnvironmentVariables = Object.fromEntries(
  [...text.matchAll(/^# ([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, name, value]) => [name!, value!]),
);

const apps = {
  monitoring: { settings: monitoringSettings, read: readMonitoringConfig },
  reports: { settings: reportsSettings, read: readReportsConfig },
  gateway: { settings: gatewaySettings, read: readGatewayConfig },
  heartbeat: { settings: heartbeatSettings, read: readHeartbeatConfig },
};

/** Settings that only the commands read. */
const COMMAND_SETTINGS = ['AUTH_TOKEN', 'UNSUPERVISED_LIFETIME_MS', 'WATCHDOG_TIMEOUT_MS'];

describe('.env.example', () => {
  test('lists every setting, and nothing else', () => {
    const names = Object.values(apps).flatMap(({ settings }) => Object.keys(settings));
    expect(Object.keys(example).sort()).toEqual([...new Set([...names, ...COMMAND_SETTINGS])].sort());
  });

  test.each(Object.entries(apps))('has the default settings of %s', (_, app) => {
    expect(app.read(example)).toMatchObject(app.read({}));
  });

  test('leaves only settings without a default empty', () => {
    const empty = Object.keys(example).filter((name) => example[name] === '');
    expect(empty.sort()).toEqual([
      'ALLOWED_HOSTS',
      'AUTH_AUDIENCE',
      'AUTH_ISSUER',
      'AUTH_JWKS_URL',
      'AUTH_TOKEN',
      'CONSOLE_CLIENT_ID',
      'CONSOLE_RESOURCE',
      'CORS_ORIGINS',
      'DATABASE_URL',
      'INSTALLATION_SECRET',
      'INSTANCE_ID',
      'INTERNAL_HOSTS',
      'LOG_ARCHIVE_FOLDER',
      'METRICS_TOKEN',
      'MONITORING_URL',
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'OTEL_EXPORTER_OTLP_HEADERS',
      'OTEL_RESOURCE_ATTRIBUTES',
      'OTEL_TRACES_SAMPLER_ARG',
      'PERSISTED_OPERATIONS_MANIFEST',
      'PUBLIC_ORIGIN',
      'RATE_LIMIT_TIERS',
      'REDIS_CA_FILE',
      'REDIS_SENTINELS',
      'REDIS_SENTINEL_PASSWORD',
      'REDIS_SENTINEL_USERNAME',
      'REPORTS_PEERS',
      'SUBGRAPH_CA_FILE',
      'SUBGRAPH_EXTENSIONS',
      'SUBGRAPH_SUBSCRIPTIONS',
      'SUBGRAPH_URLS',
      'SUBSCRIPTION_CHANNELS',
      'TRUSTED_PROXIES',
    ]);
  });

  test('explains each setting', () => {
    const lines = text.split('\n');
    const unexplained = lines.filter(
      (line, index) => /^# [A-Z0-9_]+=/.test(line) && !/^# \S.* /.test(lines[index - 1]!),
    );
    expect(unexplained).toEqual([]);
  });
});
