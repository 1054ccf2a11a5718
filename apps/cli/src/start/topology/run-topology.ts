import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { issueEmbeddedToken, readInstallationSecret } from '@seguridad-abc/platform/installation';
import { tryListen } from '../../shared/bootstrap.js';
import { UserFacingError } from '../../shared/errors.js';
import { OPERATOR_ACTOR } from '../../shared/identity.js';
import { SERVICES, type InstallationSettings } from '../../shared/installation-settings.js';
import { waitForAbort } from '../../shared/interrupts.js';
import { createConsoleOutput } from '../installation/console-output.js';
import {
  startControlServer,
  type ControlAddress,
  type ControlServer,
} from '../installation/control-server.js';
import { describePortHolder } from '../installation/port-problems.js';
import { waitUntilHealthy } from '../installation/run-installation.js';
import type { Program } from '../supervise/child-process.js';
import { createServiceRestarter, type ServiceRestarter } from '../supervise/restart-services.js';
import { createServiceProgram, sendToService } from '../supervise/service-program.js';
import {
  stopInOrder,
  superviseProgram,
  waitUntilStarted,
  type SupervisedProgram,
} from '../supervise/supervisor.js';
import { prepareBalancer } from './balancer.js';
import { createInstanceSettings, TOPOLOGY_HOST } from './instance-settings.js';
import { preparePostgresPair } from './postgres-pair.js';
import { prepareRedisSentinels } from './redis-sentinels.js';
import type { TopologyPrograms } from './topology-programs.js';
import {
  assignTopologyPorts,
  listTopologyPorts,
  type InstanceCounts,
  type TopologyPorts,
} from './topology-ports.js';

/** The balancer and the gateways stop first. The last services stop with 3. */
const BALANCER_STOP_ORDER = 1;
const SENTINEL_STOP_ORDER = 4;
const POSTGRES_STOP_ORDER = 4;

/** How commands reach a running topology. */
export interface TopologyAccess {
  /** The settings of Redis. */
  readonly redis: Readonly<Record<string, string>>;
  readonly control?: ControlAddress;
}

export interface RunTopologyOptions {
  readonly settings: InstallationSettings;
  /** Folder of all data folders. */
  readonly folder: string;
  readonly programs: TopologyPrograms;
  readonly counts: InstanceCounts;
  /** Whether commits wait for the replica of PostgreSQL. */
  readonly isSynchronous: boolean;
  /** Called when it is known how commands reach Redis, and again when they can control the topology. */
  readonly record: (access: TopologyAccess) => void;
  /** Asks the topology to stop. */
  readonly signal: AbortSignal;
  /** Kills all programs and ends this process. */
  readonly kill: AbortSignal;
}

/**
 * Runs PostgreSQL with a replica, Redis with Sentinels, several processes of each service, and a balancer, until it is asked to
 * stop. Then stops all of them in order. A program that ends is restarted.
 * @throws UserFacingError if a program cannot start; all others are stopped then
 */
export async function runTopology(options: RunTopologyOptions): Promise<void> {
  const { settings, folder, programs, counts, isSynchronous, record, signal, kill } = options;
  const ports = assignTopologyPorts(Number(settings.ports.GATEWAY_PORT), counts);
  const names = listTopologyPorts(ports).map(([name]) => name);
  const output = createConsoleOutput({
    names,
    useColor: process.stdout.isTTY && !process.env['NO_COLOR'],
    write: (text) => void process.stdout.write(text),
  });
  const running: SupervisedProgram[] = [];
  let control: ControlServer | undefined;
  kill.addEventListener('abort', () => {
    for (const program of running) program.kill();
    process.exit(1);
  });
  const start = async (group: readonly Program[]) => {
    output.log(`Starting ${group.map(({ name }) => name).join(', ')}.`);
    const supervised = group.map((program) => superviseProgram(program, output));
    running.push(...supervised);
    await waitUntilStarted(supervised, { signal, log: output.log });
    return supervised;
  };

  try {
    await checkPortsAreFree(ports);
    const postgres = await preparePostgresPair({
      programs: programs.postgres,
      folder: join(folder, 'postgres'),
      ports: ports.postgres,
      isSynchronous,
      stopOrder: POSTGRES_STOP_ORDER,
      signal,
    });
    const redis = prepareRedisSentinels({
      program: programs.redis,
      folder: join(folder, 'redis'),
      serverPorts: ports.redis,
      sentinelPorts: ports.sentinels,
      stopOrder: SENTINEL_STOP_ORDER,
    });
    record({ redis: redis.settings });
    await start([postgres.primary, ...redis.servers]);
    await start([postgres.replica, ...redis.sentinels]);
    const installationSecret = readInstallationSecret(folder, settings.identity.secret);
    const instances = await createInstancePrograms(options, ports, {
      databaseUrl: postgres.url,
      redis: redis.settings,
      installationSecret,
    });
    const services = await start(instances);
    await start([
      prepareBalancer({
        program: programs.haproxy,
        folder: join(folder, 'balancer'),
        host: settings.host,
        port: ports.balancer,
        gateways: Object.fromEntries(
          ports.services.gateway.map((port, index) => [`gateway-${index + 1}`, `${TOPOLOGY_HOST}:${port}`]),
        ),
        stopOrder: BALANCER_STOP_ORDER,
      }),
    ]);
    await waitUntilHealthy({ ...settings, dataDir: folder }, signal);
    control = await startControlServer(createInstanceRestarter(services));
    record({ redis: redis.settings, control: control.address });
    output.log(
      formatTopologyMessage({ settings, folder, ports, running, startMs: performance.now(), isSynchronous }),
    );
    await waitForAbort(signal);
    output.onNotice('Stopping. Press Ctrl-C again to end at once.');
  } finally {
    control?.close();
    await stopInOrder(running);
  }
}

/** @throws UserFacingError that names all ports in use */
async function checkPortsAreFree(ports: TopologyPorts): Promise<void> {
  const problems = await Promise.all(
    listTopologyPorts(ports).map(async ([name, port]) => {
      const code = await tryListen(TOPOLOGY_HOST, port);
      if (code === undefined) return [];
      const reason = code === 'EADDRINUSE' ? `is in use by ${describePortHolder(port)}` : `fails (${code})`;
      return [`Port ${port} for ${name} ${reason}.`];
    }),
  );
  const lines = problems.flat();
  if (lines.length === 0) return;
  throw new UserFacingError(
    [
      ...lines,
      'Stop what uses these ports, or set another GATEWAY_PORT: all ports are at a fixed distance from it.',
    ].join('\n'),
  );
}

/** Creates the programs of all services. Each has its own data folder, with a copy of the key that signs tokens. */
async function createInstancePrograms(
  { settings, folder, counts }: RunTopologyOptions,
  ports: TopologyPorts,
  shared: {
    readonly databaseUrl: string;
    readonly redis: Readonly<Record<string, string>>;
    readonly installationSecret: string;
  },
): Promise<Program[]> {
  const isIssuer = settings.identity.required && settings.identity.issuer === undefined;
  // The first token creates the key.
  if (isIssuer) await issueEmbeddedToken(folder, OPERATOR_ACTOR, 1);
  return SERVICES.flatMap((service) =>
    Array.from({ length: counts[service.name] }, (_, position): Program => {
      const index = position + 1;
      const name = `${service.name}-${index}`;
      const dataDir = join(folder, name);
      mkdirSync(dataDir, { recursive: true });
      if (isIssuer) copyFileSync(join(folder, KEY_FILE), join(dataDir, KEY_FILE));
      const env = createInstanceSettings({ service: service.name, index, ports, dataDir, ...shared });
      const address = {
        host: TOPOLOGY_HOST,
        ports: { ...settings.ports, [service.portSetting]: env[service.portSetting] },
      };
      const program = createServiceProgram(service, address, env, {
        replacement: {
          overlaps: false,
          // The process accepts nothing new, and its clients finish and go to another instance.
          drain: (child) => sendToService(child, { type: 'drain' }),
        },
      });
      return { ...program, name };
    }),
  );
}

const KEY_FILE = 'issuer-key.pem';

/** Replaces instances one after the other. The name of a service stands for all its instances. */
function createInstanceRestarter(services: readonly SupervisedProgram[]): ServiceRestarter {
  const restarter = createServiceRestarter(services);
  const expand = (name: string) => {
    const instances = services.filter((each) => each.name.replace(/-\d+$/, '') === name);
    return instances.length > 0 ? instances.map((each) => each.name) : [name];
  };
  return { restart: (names, log) => restarter.restart(names.flatMap(expand), log) };
}

interface TopologyMessageOptions {
  readonly settings: InstallationSettings;
  readonly folder: string;
  readonly ports: TopologyPorts;
  readonly running: readonly SupervisedProgram[];
  readonly startMs: number;
  readonly isSynchronous: boolean;
}

/** Contains no token: terminals keep and share their output. */
function formatTopologyMessage(options: TopologyMessageOptions): string {
  const { settings, folder, ports, running, startMs, isSynchronous } = options;
  const pids = new Map(running.map((program) => [program.name, program.getPid()]));
  const rows = listTopologyPorts(ports).map(
    ([name, port]) => `  ${name.padEnd(13)}  port ${String(port).padEnd(5)}  pid ${pids.get(name) ?? '?'}`,
  );
  const replication = isSynchronous
    ? 'A commit waits until the replica of PostgreSQL has it, and for ever while there is none.'
    : 'A commit does not wait for the replica of PostgreSQL, which may lack the newest commits.';
  return `
Ready in ${(startMs / 1000).toFixed(1)} s.

${rows.join('\n')}

  GraphQL        http://${TOPOLOGY_HOST}:${ports.balancer}/graphql   (through the balancer)

${replication}

Commands find this installation by its data folder, and requests need a token:

  export DATA_DIR=${folder}
${settings.identity.issuer === undefined ? '  A="authorization: Bearer $(npm run -s token -- --user ana --role customer)"\n' : ''}  npm run status
  npm run restart                 (replaces all instances one after the other)

Cause a failure: kill -9 a process, or suspend it with kill -STOP. What ends is restarted after 0.5 s.

Press Ctrl-C to stop.
`;
}
