import { expect, test } from 'vitest';
import { createInstanceSettings } from './instance-settings.js';
import { assignTopologyPorts } from './topology-ports.js';

const ports = assignTopologyPorts(4_000, { gateway: 2, monitoring: 2, reports: 3, heartbeat: 1 });
const create = (service: 'gateway' | 'monitoring' | 'reports', index: number) =>
  createInstanceSettings({
    service,
    index,
    ports,
    dataDir: '/data',
    databaseUrl: 'postgresql://database',
    redis: { REDIS_URL: 'redis://redis', REDIS_SENTINELS: 'a:1,b:2' },
    installationSecret: 'secret',
  });

test('an instance knows its port, its data, the database and Redis', () => {
  expect(create('monitoring', 2)).toMatchObject({
    INSTANCE_ID: 'monitoring-2',
    MONITORING_PORT: '4022',
    // Those of npm start, which the file .env may have, do not apply.
    REPORTS_PORT: '',
    DATA_DIR: '/data',
    DATABASE_URL: 'postgresql://database',
    REDIS_SENTINELS: 'a:1,b:2',
    INSTALLATION_SECRET: 'secret',
  });
});

test('reports knows all instances of monitoring, and the other instances of reports', () => {
  expect(create('reports', 2)).toMatchObject({
    MONITORING_URL: 'http://127.0.0.1:4021,http://127.0.0.1:4022',
    REPORTS_PEERS: 'http://127.0.0.1:4031,http://127.0.0.1:4033',
  });
});

test('a gateway knows all instances of all subgraphs, and believes the balancer', () => {
  expect(create('gateway', 1)).toMatchObject({
    SUBGRAPH_URLS: [
      'monitoring=http://127.0.0.1:4021/graphql,http://127.0.0.1:4022/graphql',
      'reports=http://127.0.0.1:4031/graphql,http://127.0.0.1:4032/graphql,http://127.0.0.1:4033/graphql',
      'heartbeat=http://127.0.0.1:4041/graphql',
    ].join(';'),
    TRUSTED_PROXIES: 'loopback',
  });
});
