import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listMissingPackages } from '@seguridad-abc/cli';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSubscribers, type ChaosSubscribers } from '../chaos/subscribers.js';
import { executeOperation, setDefaultAuthorization } from '../harness/graphql-clients.js';
import { startFaultLoad, type FaultFigures } from './fault-load.js';
import {
  getOtherInstance,
  startTopology,
  type ConnectionTarget,
  type RunningTopology,
} from './running-topology.js';

const START_TIMEOUT_MS = 240_000;
/** Clients run for this time before a fault, and after it is over. */
const CALM_MS = 1_000;
/** Longer than the lease of a leader, and than the gateway waits for an instance that is silent. */
const SILENCE_MS = 6_000;
/** Longer than the leases, and shorter than a gateway without reports waits until it shows that no monitor speaks. */
const CUT_MS = 4_000;
/** How late an alarm may be after the loss of one process of a service. */
const TAKEOVER_MS = 5_000;

/** Something that fails, while clients work. */
interface Fault {
  readonly name: string;
  /** Alarms are late by the time without a database, too. */
  readonly stopsDatabase?: true;
  /** Resolves when the fault is over. Notes how long a part of the recovery took. */
  readonly cause: (topology: RunningTopology, note: (what: string, ms: number) => void) => Promise<void>;
}

async function measure(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return Math.round(performance.now() - startedAt);
}

const kill = (program: string): Fault => ({
  name: `kill -9 of ${program}`,
  async cause(topology, note) {
    note('ready again', await measure(() => topology.kill(program)));
  },
});

/** Suspends a process: it hears nothing, and nobody hears it. Its connections stay open, as those of a machine that is cut off. */
async function silence(topology: RunningTopology, program: string, during: () => Promise<unknown>) {
  topology.signal(program, 'SIGSTOP');
  try {
    await Promise.all([during(), sleep(SILENCE_MS)]);
  } finally {
    topology.signal(program, 'SIGCONT');
  }
}

interface Cut {
  /** The instances that get proxies. Their open connections are closed for that, which may let another instance lead or speak. */
  readonly candidates: readonly string[];
  readonly targets: readonly ConnectionTarget[];
  /** Chooses the instance that is cut off, when all is calm again. */
  readonly choose: () => Promise<string>;
  readonly during: (program: string) => Promise<unknown>;
}

/** Lets an instance go on running and lose all packets from and to what it connects to. Others reach it. */
async function cutOff(topology: RunningTopology, { candidates, targets, choose, during }: Cut) {
  const proxied = new Map(
    await Promise.all(
      candidates.map(
        async (program) => [program, await topology.proxyConnections(program, targets)] as const,
      ),
    ),
  );
  try {
    await Promise.all(candidates.map((program) => topology.waitUntilReady(program)));
    await sleep(CALM_MS);
    const program = await choose();
    proxied.get(program)?.cut();
    await Promise.all([during(program), sleep(CUT_MS)]);
    proxied.get(program)?.heal();
    await topology.waitUntilReady(program);
  } finally {
    await Promise.all([...proxied.values()].map((connections) => connections.close()));
  }
}

const readToken = async (topology: RunningTopology) => {
  const [lease] = await topology.queryRows<{ token: number }>('select token from leases');
  return lease?.token ?? 0;
};

/** Resolves when another election has taken place. */
const waitForLeader = async (topology: RunningTopology, formerToken: number) => {
  await eventually(async () => expect(await readToken(topology)).toBeGreaterThan(formerToken), 60_000);
};

/** In the order of the runs: the last one cannot be undone. docs/deployment.md has them in a table. */
const FAULTS: readonly Fault[] = [
  kill('gateway-1'),
  kill('reports-1'),
  {
    name: 'a reports is silent',
    cause: (topology) => silence(topology, 'reports-2', () => Promise.resolve()),
  },
  {
    name: 'kill -9 of the monitoring that does not lead',
    async cause(topology, note) {
      const follower = getOtherInstance(await topology.findElected('monitoring'));
      note('ready again', await measure(() => topology.kill(`monitoring-${follower}`)));
    },
  },
  {
    name: 'kill -9 of the monitoring that leads',
    async cause(topology, note) {
      const leader = await topology.findElected('monitoring');
      const token = await readToken(topology);
      const killed = topology.kill(`monitoring-${leader}`);
      note('another leads', await measure(() => waitForLeader(topology, token)));
      await killed;
    },
  },
  {
    name: 'the monitoring that leads is silent, and continues later',
    async cause(topology, note) {
      const leader = await topology.findElected('monitoring');
      const token = await readToken(topology);
      await silence(topology, `monitoring-${leader}`, async () =>
        note('another leads', await measure(() => waitForLeader(topology, token))),
      );
    },
  },
  {
    name: 'the monitoring that leads is cut off from PostgreSQL and Redis, and goes on',
    cause: (topology, note) =>
      cutOff(topology, {
        candidates: ['monitoring-1', 'monitoring-2'],
        targets: ['postgres', 'redis'],
        choose: async () => `monitoring-${await topology.findElected('monitoring')}`,
        async during(program) {
          const leader = program.endsWith('1') ? 1 : 2;
          const token = await readToken(topology);
          await Promise.all([
            measure(() => waitForLeader(topology, token)).then((ms) => note('another leads', ms)),
            measure(() => topology.waitUntilNotReady(program)).then((ms) => note('not ready', ms)),
          ]);
          expect(await topology.findElected('monitoring')).toBe(getOtherInstance(leader));
          const { errors } = await executeOperation(
            `${topology.getOrigin('monitoring', leader)}/graphql`,
            'mutation { deleteRule(input: { id: "00000000-0000-7000-8000-000000000000" }) { rule { id } } }',
            {},
            { headers: { authorization: topology.authorization, ...topology.installationHeaders } },
          );
          expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['STORAGE_UNAVAILABLE']);
        },
      }),
  },
  {
    // At once, because they do not depend on each other.
    name: 'the heartbeat that speaks, a reports and a gateway are cut off, and go on',
    async cause(topology, note) {
      await Promise.all([
        cutOff(topology, {
          candidates: ['heartbeat-1', 'heartbeat-2'],
          targets: ['redis'],
          choose: async () => `heartbeat-${await topology.findElected('heartbeat')}`,
          during: async (program) =>
            note(
              'another speaks',
              await measure(() =>
                topology.waitUntilElected('heartbeat', getOtherInstance(program.endsWith('1') ? 1 : 2)),
              ),
            ),
        }),
        cutOff(topology, {
          candidates: ['reports-1'],
          targets: ['redis', 'monitoring'],
          choose: () => Promise.resolve('reports-1'),
          during: () => Promise.resolve(),
        }),
        cutOff(topology, {
          candidates: ['gateway-1'],
          targets: ['monitoring', 'reports', 'heartbeat', 'redis'],
          choose: () => Promise.resolve('gateway-1'),
          during: () => Promise.resolve(),
        }),
      ]);
    },
  },
  {
    name: 'kill -9 of the heartbeat that speaks',
    async cause(topology, note) {
      const speaker = await topology.findElected('heartbeat');
      const killed = topology.kill(`heartbeat-${speaker}`);
      note('one speaks', await measure(() => topology.findElected('heartbeat')));
      await killed;
    },
  },
  {
    name: 'one instance of each service is killed at once, as with the loss of a machine',
    async cause(topology, note) {
      const token = await readToken(topology);
      const leader = await topology.findElected('monitoring');
      const killed = ['gateway', 'monitoring', 'reports', 'heartbeat'].map((service) =>
        topology.kill(`${service}-${leader}`),
      );
      note('another leads', await measure(() => waitForLeader(topology, token)));
      await Promise.all(killed);
    },
  },
  {
    name: 'the Redis master is lost, and returns later',
    async cause(topology, note) {
      const master = await topology.findRedisMaster();
      const folder = join(topology.dataDir, 'redis', `redis-${master}`);
      // Without its folder it cannot start again, so that the Sentinels promote its replica.
      renameSync(folder, `${folder}.lost`);
      const killed = topology.kill(`redis-${master}`);
      note(
        'promoted',
        await measure(() =>
          eventually(async () => expect(await topology.findRedisMaster()).not.toBe(master), 60_000),
        ),
      );
      renameSync(`${folder}.lost`, folder);
      await killed;
    },
  },
  {
    name: 'kill -9 of PostgreSQL, which starts again',
    stopsDatabase: true,
    async cause(topology, note) {
      note('ready again', await measure(() => topology.kill('postgres-1')));
    },
  },
  {
    name: 'the primary of PostgreSQL is lost, and its replica is promoted',
    stopsDatabase: true,
    async cause(topology, note) {
      const folder = join(topology.dataDir, 'postgres', 'postgres-1');
      // The old primary cannot start again: two would accept writes.
      renameSync(folder, `${folder}.lost`);
      topology.signal('postgres-1', 'SIGKILL');
      note('promoted', await measure(() => topology.queryRows('select pg_promote()', 2)));
      note('a leader', await measure(() => topology.findElected('monitoring')));
      expect(existsSync(folder)).toBe(false);
    },
  },
];

describe.skipIf(listMissingPackages().length > 0)(
  'npm run ha (skipped without PostgreSQL and haproxy)',
  () => {
    let topology: RunningTopology;
    let subscribers: ChaosSubscribers | undefined;
    let url: string;

    beforeAll(async () => {
      topology = await startTopology();
      url = `${topology.origin}/graphql`;
      setDefaultAuthorization(url, topology.authorization);
    }, START_TIMEOUT_MS);
    afterAll(async () => {
      await subscribers?.close();
      await topology.close();
    }, START_TIMEOUT_MS);

    test('starts two of each service, which are all UP, behind one address', async () => {
      await eventually(async () => {
        const { data } = await executeOperation<{
          services: { name: string; status: string; instances: object[] }[];
        }>(url, '{ services { name status instances { id } } }');
        expect(data?.services.map(({ name, status, instances }) => [name, status, instances.length])).toEqual(
          ['gateway', 'heartbeat', 'monitoring', 'reports'].map((name) => [name, 'UP', 2]),
        );
      }, 60_000);
      // They stay for all faults, and resume after their cursors.
      subscribers = startSubscribers(topology, () => undefined);
      await subscribers.ready;
    });

    test('replicates PostgreSQL synchronously, and Redis with a quorum of Sentinels', async () => {
      const rows = await topology.queryRows('select application_name, sync_state from pg_stat_replication');
      expect(rows).toEqual([{ application_name: 'postgres-2', sync_state: 'sync' }]);
      const sentinel = topology.createSentinelClient();
      try {
        await eventually(async () => {
          expect(await sentinel.call('SENTINEL', 'CKQUORUM', 'mymaster')).toMatch(/^OK 3 usable Sentinels/);
          expect(await sentinel.call('SENTINEL', 'REPLICAS', 'mymaster')).toHaveLength(1);
        }, 30_000);
      } finally {
        sentinel.disconnect();
      }
    });

    describe('what is confirmed is stored once, reported once, and raises each alarm once:', () => {
      test.each(FAULTS.map((fault, index) => ({ ...fault, prefix: `fault-${index}` })))(
        '$name',
        async ({ name, prefix, stopsDatabase, cause }) => {
          if (!subscribers) throw new Error('The topology has not started.');
          const load = startFaultLoad(topology, subscribers, prefix);
          await sleep(CALM_MS);
          const noted: Record<string, number> = {};
          await cause(topology, (what, ms) => (noted[what] = ms));
          await sleep(CALM_MS);
          const { violations, figures } = await load.finish();
          printFigures(name, { ...noted, ...figures });
          expect(violations).toEqual([]);
          // A machine that is too busy for the timers of this process is also too busy for those of monitoring.
          const outageMs = stopsDatabase ? Math.max(...Object.values(noted)) : 0;
          expect(figures.raisedLateMs - figures.stalledMs).toBeLessThan(outageMs + TAKEOVER_MS);
        },
        START_TIMEOUT_MS,
      );
    });

    test(
      'Ctrl-C stops all programs',
      async () => {
        await subscribers?.close();
        topology.command.child.kill('SIGINT');
        expect((await topology.command.ended).code).toBe(0);
        const pids = [...topology.command.getOutput().matchAll(/pid (\d+)/g)].map(([, pid]) => Number(pid));
        expect(pids.length).toBeGreaterThanOrEqual(16);
        expect(pids.filter((pid) => isRunning(pid))).toEqual([]);
      },
      START_TIMEOUT_MS,
    );
  },
);

/** For the table in docs/deployment.md. */
function printFigures(name: string, figures: FaultFigures): void {
  if (process.env['FAULT_FIGURES'] !== undefined)
    process.stdout.write(`${JSON.stringify({ name, ...figures })}\n`);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
