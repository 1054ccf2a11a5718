import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import WebSocket from 'ws';
import type { ServiceName } from '../harness/test-platform.js';
import { describeFault, type FaultStep, type ScheduledFault } from './fault-schedule.js';
import type { FaultName } from './faults.js';
import type { FaultPeriod, InjectedFault } from './history.js';
import type { ChaosInstallation } from './installation.js';

const CLOCK_SKEW_MS = 600_000;
const REDIS_TIMEOUT_MS = 5_000;
const POLL_INTERVAL_MS = 100;
/** A damaged SQLite file keeps its first page. */
const DAMAGED_FILE_BYTES = 4_096;
const REPLACEMENT_TIMEOUT_MS = 90_000;
const HEALING_TIMEOUT_MS = 60_000;
/** A few polls of health in a row: a status that is UP for a moment has not healed. */
const HEALED_POLLS = 4;
const HEALED_POLL_INTERVAL_MS = 300;

/** Causes a fault, and resolves when it is over. It rejects if the fault could not be caused, or did not end. */
type CauseFault = (
  installation: ChaosInstallation,
  fault: { readonly target: ServiceName; readonly durationMs: number; readonly isAlone: boolean },
) => Promise<void>;

const CAUSES: Readonly<Record<FaultName, CauseFault>> = {
  kill: async (installation, { target }) => {
    const pid = findProcess(installation, target);
    process.kill(pid, 'SIGKILL');
    await waitUntilReplaced(installation, target, pid);
  },
  hang: async (installation, { target, durationMs }) => {
    const pid = findProcess(installation, target);
    process.kill(pid, 'SIGSTOP');
    await sleep(durationMs);
    signalIfRunning(pid, 'SIGCONT');
  },
  stuck: async (installation, { target }) => {
    const pid = findProcess(installation, target);
    process.kill(pid, 'SIGSTOP');
    try {
      await waitUntilReplaced(installation, target, pid);
    } finally {
      signalIfRunning(pid, 'SIGCONT');
    }
  },
  'redis-kill': async (installation) => {
    process.kill(installation.getRedisProcessId(), 'SIGKILL');
    await withRedis(installation, (redis) => redis.ping());
  },
  'redis-freeze': async (installation, { durationMs }) => {
    const pid = installation.getRedisProcessId();
    process.kill(pid, 'SIGSTOP');
    await sleep(durationMs);
    signalIfRunning(pid, 'SIGCONT');
  },
  'redis-pause': async (installation, { durationMs }) => {
    await withRedis(installation, (redis) => redis.client('PAUSE', durationMs, 'WRITE'));
    await sleep(durationMs);
  },
  'redis-memory': async (installation, { durationMs }) => {
    await withRedis(installation, (redis) => redis.config('SET', 'maxmemory', '1'));
    await sleep(durationMs);
    await withRedis(installation, (redis) => redis.config('SET', 'maxmemory', '0'));
  },
  'redis-flush': async (installation) => {
    await withRedis(installation, (redis) => redis.flushall());
  },
  'stream-trim': async (installation) => {
    await withRedis(installation, (redis) => redis.xtrim('seguridad:log', 'MAXLEN', 0));
  },
  restart: async (installation) => {
    await expectSuccess(installation, 'restart');
  },
  'supervisor-kill': (installation) => installation.replaceSupervisor(),
  'reports-delete': async ({ dataDir }, { durationMs }) => {
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(join(dataDir, `reports.sqlite${suffix}`), { force: true });
    await sleep(durationMs);
  },
  'reports-damage': async ({ dataDir }, { durationMs }) => {
    truncateSync(join(dataDir, 'reports.sqlite'), DAMAGED_FILE_BYTES);
    await sleep(durationMs);
  },
  rebuild: async (installation, { isAlone }) => {
    // A fault beside it may end the command.
    if (isAlone) await expectSuccess(installation, 'rebuild');
    else await installation.run('rebuild');
  },
  'disk-full': async ({ disk }, { durationMs }) => {
    disk?.fill();
    await sleep(durationMs);
    disk?.free();
  },
  'slow-subscriber': async (installation, { durationMs }) => {
    const socket = await subscribeSlowly(installation);
    await sleep(durationMs);
    socket.terminate();
  },
  'clock-skew': async ({ clockFolder }, { target, durationMs }) => {
    const file = join(clockFolder, target);
    writeFileSync(file, String(CLOCK_SKEW_MS));
    await sleep(durationMs);
    rmSync(file);
  },
};

/** Why a fault cannot be caused on this machine; undefined if it can. */
export function findFaultObstacle(name: FaultName, { disk }: ChaosInstallation): string | undefined {
  if (name === 'disk-full' && !disk) return 'this user may not mount file systems';
  return undefined;
}

export interface NemesisOptions {
  readonly installation: ChaosInstallation;
  /** Returns the status of each service, as a query returns it. Rejects if it is not answered. */
  readonly readStatuses: () => Promise<Readonly<Record<string, string>>>;
  readonly log: (text: string) => void;
}

export interface StepResult {
  readonly period: FaultPeriod;
  readonly problems: readonly string[];
}

/** Runs the faults of a step, and waits until all services are UP. */
export async function runFaultStep(
  { faults }: FaultStep,
  { installation, readStatuses, log }: NemesisOptions,
): Promise<StepResult> {
  const problems: string[] = [];
  const startedAt = Date.now();
  const run = async (fault: ScheduledFault): Promise<InjectedFault> => {
    await sleep(fault.delayMs);
    log(`fault: ${describeFault(fault)}`);
    const faultStartedAt = Date.now();
    await CAUSES[fault.name](installation, {
      // Only a fault without a target ignores it.
      target: fault.target ?? 'gateway',
      durationMs: fault.durationMs,
      isAlone: faults.length === 1,
    }).catch((error: unknown) => {
      problems.push(`${describeFault(fault)}: ${error instanceof Error ? error.message : String(error)}`);
    });
    const endedAt = Date.now();
    log(`ended: ${describeFault(fault)} (${((endedAt - faultStartedAt) / 1_000).toFixed(1)} s)`);
    return { ...fault, startedAt: faultStartedAt, endedAt };
  };
  const injected = await Promise.all(faults.map(run));
  const healedAt = await waitUntilHealed(readStatuses);
  const seconds = ((Date.now() - Math.max(...injected.map(({ endedAt }) => endedAt))) / 1_000).toFixed(1);
  log(healedAt === null ? `NOT HEALED after ${seconds} s` : `healed after ${seconds} s`);
  return { period: { faults: injected, startedAt, healedAt }, problems };
}

/** @returns when all services were UP; null if they were not in time */
export async function waitUntilHealed(readStatuses: NemesisOptions['readStatuses']): Promise<number | null> {
  const deadline = Date.now() + HEALING_TIMEOUT_MS;
  for (let polls = 0; Date.now() < deadline;) {
    const statuses = Object.values(await readStatuses().catch(() => ({})));
    polls = statuses.length >= 4 && statuses.every((status) => status === 'UP') ? polls + 1 : 0;
    if (polls >= HEALED_POLLS) return Date.now();
    await sleep(HEALED_POLL_INTERVAL_MS);
  }
  return null;
}

function findProcess(installation: ChaosInstallation, name: ServiceName): number {
  const pid = installation.findProcessIds(name).at(-1);
  if (pid === undefined) throw new Error(`${name} does not run`);
  return pid;
}

/** Waits until another process of a service runs. */
async function waitUntilReplaced(
  installation: ChaosInstallation,
  name: ServiceName,
  pid: number,
): Promise<void> {
  const deadline = Date.now() + REPLACEMENT_TIMEOUT_MS;
  for (;;) {
    const pids = installation.findProcessIds(name);
    if (pids.length > 0 && !pids.includes(pid)) return;
    if (Date.now() > deadline) throw new Error(`${name} was not replaced`);
    await sleep(POLL_INTERVAL_MS);
  }
}

function signalIfRunning(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

async function withRedis(
  installation: ChaosInstallation,
  use: (redis: Redis) => Promise<unknown>,
): Promise<void> {
  const redis = new Redis(installation.getRedisUrl(), {
    connectTimeout: REDIS_TIMEOUT_MS,
    maxRetriesPerRequest: 100,
    retryStrategy: () => POLL_INTERVAL_MS,
  });
  redis.on('error', () => undefined);
  try {
    await use(redis);
  } finally {
    redis.disconnect();
  }
}

async function expectSuccess(installation: ChaosInstallation, command: string): Promise<void> {
  const { code, stdout, stderr } = await installation.run(command);
  if (code !== 0)
    throw new Error(`npm run ${command} ended with ${String(code)}: ${(stderr || stdout).trim()}`);
}

/** Subscribes over WebSocket, and then reads nothing more from the socket. */
async function subscribeSlowly({ origin, authorization }: ChaosInstallation): Promise<WebSocket> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  socket.on('error', () => undefined);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
  await new Promise((resolve) => socket.once('message', resolve));
  const query = 'subscription { ruleChanged { kind rule { id name version } } }';
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
  socket.pause();
  return socket;
}
