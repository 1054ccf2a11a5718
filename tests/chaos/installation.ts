import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findInstallationRedisUrl, type ServicePorts } from '@seguridad-abc/cli';
import { issueEmbeddedToken } from '@seguridad-abc/platform';
import {
  canMountDisks,
  mountSmallDisk,
  temporaryFolder,
  type SmallDisk,
} from '@seguridad-abc/platform/testing';
import {
  findServicePorts,
  runCommand,
  startCommand,
  type ScriptProcess,
  type ScriptResult,
} from '../harness/script-process.js';
import { SERVICES, type ServiceName } from '../harness/test-platform.js';
import type { ResourceUsage } from './history.js';

const TOKEN_LIFETIME_MS = 7_200_000; // 2 hours
const DISK_KB = 262_144;
const READY = /Ready in [\d.]+ s\./;
const CLOCK_PRELOAD = new URL('shift-clock-by-file.mjs', import.meta.url);

/** A running `npm start` with its own data folder, on which faults act. */
export interface ChaosInstallation {
  readonly origin: string;
  readonly dataDir: string;
  /** Undefined if this user may not mount file systems. */
  readonly disk: SmallDisk | undefined;
  readonly authorization: string;
  /** Holds one file per service with the milliseconds by which its clock is ahead. */
  readonly clockFolder: string;
  getRedisUrl(): string;
  getRedisProcessId(): number;
  /** The processes of a service, the oldest first. */
  findProcessIds(name: ServiceName): number[];
  run(command: string, ...args: readonly string[]): Promise<ScriptResult>;
  /** Kills `npm start`, and starts another one that takes over. */
  replaceSupervisor(): Promise<void>;
  measureUsage(): Promise<ResourceUsage[]>;
  /** All that `npm start` has printed. */
  getOutput(): string;
  close(): Promise<void>;
}

/** Starts an installation that reports outages fast. */
export async function startChaosInstallation(): Promise<ChaosInstallation> {
  const folder = temporaryFolder();
  const disk = canMountDisks() ? mountSmallDisk(DISK_KB) : undefined;
  const dataDir = join(disk?.path ?? folder.path, 'data');
  const ports: ServicePorts = await findServicePorts();
  const env = {
    ...ports,
    DATA_DIR: dataDir,
    HEARTBEAT_INTERVAL_MS: '1500',
    HEARTBEAT_MAX_STALL_MS: '4000',
    // A busy machine delays every process.
    HEARTBEAT_MAX_LOOP_DELAY_MS: '5000',
    WATCHDOG_TIMEOUT_MS: '15000',
    // And it needs longer to replace a service.
    SUBGRAPH_WAIT_MS: '20000',
    MIN_FREE_DISK_MB: '16',
    CLOCK_SHIFT_FOLDER: folder.path,
    NODE_OPTIONS: `--import=${CLOCK_PRELOAD.href}`,
  };
  const outputs: string[] = [];
  let supervisor: ScriptProcess;
  const start = async () => {
    supervisor = startCommand('start', [], { env });
    await supervisor.waitForOutput(READY);
  };
  await start();
  const authorization = `Bearer ${await issueEmbeddedToken(dataDir, { id: 'chaos', role: 'operator' }, TOKEN_LIFETIME_MS)}`;

  const installation: ChaosInstallation = {
    origin: `http://127.0.0.1:${ports.GATEWAY_PORT}`,
    dataDir,
    disk,
    authorization,
    clockFolder: folder.path,
    getRedisUrl: () => findInstallationRedisUrl({ redisUrl: undefined, dataDir }) ?? '',
    getRedisProcessId: () => Number(readFileSync(join(dataDir, 'redis', 'redis.pid'), 'utf8')),
    findProcessIds: (name) => findServiceProcesses(name, dataDir),
    run: (command, ...args) => runCommand(command, args, { env: { DATA_DIR: dataDir } }),
    async replaceSupervisor() {
      supervisor.child.kill('SIGKILL');
      await supervisor.exitCode;
      outputs.push(supervisor.getOutput());
      await start();
    },
    measureUsage: () => measureUsage(dataDir),
    getOutput: () => [...outputs, supervisor.getOutput()].join('\n'),
    async close() {
      supervisor.child.kill('SIGTERM');
      await supervisor.ended;
      disk?.remove();
      folder.remove();
    },
  };
  return installation;
}

/** Finds the processes of a service by their arguments and their data folder. */
function findServiceProcesses(name: ServiceName, dataDir: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        const isService = readFileSync(`/proc/${pid}/cmdline`, 'utf8').endsWith(
          `/apps/${name}/dist/main.js\0`,
        );
        return isService && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`DATA_DIR=${dataDir}\0`);
      } catch {
        // It has ended.
        return false;
      }
    })
    .sort((a, b) => a - b);
}

const MEASURE_MS = 3_000;
const CLOCK_TICKS_PER_SECOND = 100;

async function measureUsage(dataDir: string): Promise<ResourceUsage[]> {
  const pids = SERVICES.flatMap((service) => {
    const pid = findServiceProcesses(service, dataDir).at(-1);
    return pid === undefined ? [] : [{ service, pid }];
  });
  const before = pids.map(({ pid }) => readCpuTicks(pid));
  await sleep(MEASURE_MS);
  return pids.map(({ service, pid }, index) => ({
    service,
    cpuShare: (readCpuTicks(pid) - (before[index] ?? 0)) / CLOCK_TICKS_PER_SECOND / (MEASURE_MS / 1_000),
    memoryMb: Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024,
    openFiles: readdirSync(`/proc/${pid}/fd`).filter((file) => canReadLink(`/proc/${pid}/fd/${file}`)).length,
  }));
}

/** User and system time of all threads (fields 14 and 15 of `proc(5)`). */
function readCpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

function canReadLink(path: string): boolean {
  try {
    return readlinkSync(path) !== '';
  } catch {
    return false;
  }
}
