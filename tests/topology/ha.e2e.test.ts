import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { findPostgresPrograms, listMissingPackages } from '@seguridad-abc/cli';
import { eventually, temporaryFolder } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executeOperation, setDefaultAuthorization } from '../harness/graphql-clients.js';
import { runCommand, startCommand, stopScripts, type ScriptProcess } from '../harness/script-process.js';

const START_TIMEOUT_MS = 240_000;
/** The distance of the last port of the topology from that of the balancer. */
const LAST_PORT_DISTANCE = 73;
/** Below the ephemeral ports, and above those of other tests. */
const FIRST_PORT = 30_100;

async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (isFree) {
    server.close();
    await once(server, 'close');
  }
  return isFree;
}

/** Finds the port of a balancer, of which all ports of the topology are free. */
async function findTopologyPort(): Promise<number> {
  for (let port = FIRST_PORT; ; port += LAST_PORT_DISTANCE + 1) {
    const ports = Array.from({ length: LAST_PORT_DISTANCE + 1 }, (_, distance) => port + distance);
    if ((await Promise.all(ports.map(isPortFree))).every(Boolean)) return port;
  }
}

describe.skipIf(listMissingPackages().length > 0)(
  'npm run ha (skipped without PostgreSQL and haproxy)',
  () => {
    const folder = temporaryFolder();
    const dataDir = join(folder.path, 'ha');
    let ha: ScriptProcess;
    let url: string;
    let port: number;

    beforeAll(async () => {
      port = await findTopologyPort();
      ha = startCommand('ha', [], {
        env: {
          GATEWAY_PORT: String(port),
          DATA_DIR: folder.path,
          LOG_LEVEL: 'warn',
          HEARTBEAT_INTERVAL_MS: '1000',
        },
      });
      await ha.waitForOutput(/Press Ctrl-C to stop/);
      url = `http://127.0.0.1:${port}/graphql`;
      const { stdout } = await runCommand('token', ['--user', 'ana', '--role', 'customer'], {
        env: { DATA_DIR: dataDir },
      });
      setDefaultAuthorization(url, `Bearer ${stdout.trim()}`);
    }, START_TIMEOUT_MS);
    afterAll(async () => {
      await stopScripts();
      folder.remove();
    }, START_TIMEOUT_MS);

    /** The process of a program, as the message of the start names it, or a later one that has replaced it. */
    const getPid = (name: string): number => {
      const output = ha.getOutput();
      const replaced = [...output.matchAll(new RegExp(`${name} is ready again \\(pid (\\d+)\\)`, 'g'))].at(
        -1,
      )?.[1];
      return Number(replaced ?? new RegExp(`${name} +port \\d+ +pid (\\d+)`).exec(output)?.[1]);
    };
    const createRule = (name: string) =>
      executeOperation<{ createRule: { rule: { id: string } } }>(
        url,
        'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }',
        {
          input: {
            clientMutationId: name,
            name,
            opening: 'Shop door',
            opensAt: '08:00',
            closesAt: '18:00',
            maxOpenSeconds: 300,
          },
        },
      );
    const countRules = async (consistencyToken?: string) => {
      const { data, errors } = await executeOperation<{ viewer: { rules: { totalCount: number } } }>(
        url,
        '{ viewer { rules { totalCount } } }',
        {},
        { consistencyToken },
      );
      expect(errors).toBeUndefined();
      return data?.viewer.rules.totalCount;
    };

    test('starts two of each service, which are all UP, behind one address', async () => {
      await eventually(async () => {
        const { data } = await executeOperation<{
          services: { name: string; status: string; instances: object[] }[];
        }>(url, '{ services { name status instances { id } } }');
        expect(data?.services.map(({ name, status, instances }) => [name, status, instances.length])).toEqual(
          ['gateway', 'heartbeat', 'monitoring', 'reports'].map((name) => [name, 'UP', 2]),
        );
      }, 60_000);
      const { extensions, errors } = await createRule('By day');
      expect(errors).toBeUndefined();
      // Whichever instance of reports answers, it has the rule.
      for (let index = 0; index < 4; index++) expect(await countRules(extensions?.consistencyToken)).toBe(1);
    });

    test('replicates PostgreSQL synchronously, and Redis with a quorum of Sentinels', async () => {
      const password = readFileSync(join(dataDir, 'postgres', 'password'), 'utf8');
      const { stdout } = spawnSync(
        join(findPostgresPrograms()?.folder ?? '', 'psql'),
        [
          ...['-AtX', '-c', 'select application_name, sync_state from pg_stat_replication'],
          `postgresql://postgres:${password}@127.0.0.1:${port + 51}/seguridad`,
        ],
        { encoding: 'utf8' },
      );
      expect(stdout.trim()).toBe('postgres-2|sync');

      const { addresses } = JSON.parse(readFileSync(join(dataDir, 'start.json'), 'utf8')) as {
        addresses: Record<string, string>;
      };
      const sentinel = new Redis(port + 71, '127.0.0.1', {
        password: addresses['REDIS_SENTINEL_PASSWORD'] ?? '',
      });
      try {
        await eventually(async () => {
          expect(await sentinel.call('SENTINEL', 'CKQUORUM', 'mymaster')).toMatch(/^OK 3 usable Sentinels/);
          expect(await sentinel.call('SENTINEL', 'REPLICAS', 'mymaster')).toHaveLength(1);
        }, 30_000);
      } finally {
        sentinel.disconnect();
      }
    });

    test(
      'a query and a command succeed while one instance of each service is killed, and all come back',
      async () => {
        const killed = ['gateway-1', 'reports-1', 'monitoring-1', 'heartbeat-1'];
        for (const name of killed) process.kill(getPid(name), 'SIGKILL');
        // The connection of this client may have been that of the killed gateway. It repeats the command, as clients do.
        const { errors, extensions } = await eventually(() => createRule('By night'));
        expect(errors).toBeUndefined();
        expect(await countRules(extensions?.consistencyToken)).toBe(2);
        await ha.waitForOutput(new RegExp(killed.map((name) => `(?=[^]*${name} is ready again)`).join('')));
      },
      START_TIMEOUT_MS,
    );

    test(
      'Ctrl-C stops all programs',
      async () => {
        ha.child.kill('SIGINT');
        expect((await ha.ended).code).toBe(0);
        const pids = [...ha.getOutput().matchAll(/pid (\d+)/g)].map(([, pid]) => Number(pid));
        expect(pids.length).toBeGreaterThanOrEqual(16);
        expect(pids.filter((pid) => isRunning(pid))).toEqual([]);
      },
      START_TIMEOUT_MS,
    );
  },
);

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
