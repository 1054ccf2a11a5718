import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  getLocalHostAndPort,
  runWithTimeout,
  TIME_ZONE_DATA_VERSION,
  UNSUPERVISED_LIFETIME_VARIABLE,
} from '@seguridad-abc/platform/installation';
import { z } from 'zod';
import { UserFacingError } from '../../shared/errors.js';
import { createAuthorizer, OPERATOR_ACTOR } from '../../shared/identity.js';
import { SERVICES, type InstallationSettings, type ServiceName } from '../../shared/installation-settings.js';
import { sendServiceRequest } from '../../shared/service-requests.js';
import { createSignInLink } from '../../shared/sign-in-link.js';
import { prepareLocalRedis } from '../redis/local-redis.js';
import { checkConfiguredRedis } from '../redis/redis-connection.js';
import { createServiceRestarter } from '../supervise/restart-services.js';
import { superviseServices } from '../supervise/supervise-services.js';
import {
  stopInOrder,
  superviseProgram,
  waitUntilStarted,
  type SupervisedProgram,
} from '../supervise/supervisor.js';
import type { UnsupervisedServices } from '../supervise/unsupervised-services.js';
import { startControlServer, type ControlAddress, type ControlServer } from './control-server.js';
import { createConsoleOutput, type ConsoleOutput } from './console-output.js';
import { formatWelcomeMessage } from './welcome-message.js';

/** A service is UP after its first heartbeat, usually within 1 s. */
const HEALTH_TIMEOUT_MS = 5_000;
const HEALTH_POLL_INTERVAL_MS = 100;

const statusSchema = z.object({ status: z.string() });

/** The installation that `npm start` or `npm run dev` runs. */
export interface RunningInstallation {
  readonly services: readonly SupervisedProgram[];
  readonly output: ConsoleOutput;
  /** Aborted when the installation is asked to stop. */
  readonly signal: AbortSignal;
}

/** The installation stops when it resolves. */
export type RunUntilStop = (installation: RunningInstallation) => Promise<void>;

export interface RunInstallationOptions {
  readonly settings: InstallationSettings;
  /** Path of the Redis server; undefined with REDIS_URL. */
  readonly redisProgram: string | undefined;
  /** Services of an earlier start whose process was killed. They are replaced one after the other. */
  readonly unsupervised: UnsupervisedServices;
  /** Called when commands can control this start. */
  readonly recordControl: (control: ControlAddress) => void;
  /** Asks the installation to stop. */
  readonly signal: AbortSignal;
  /** Kills all programs and ends this process. */
  readonly kill: AbortSignal;
  readonly runUntilStop: RunUntilStop;
}

/**
 * Runs the services, and a Redis unless REDIS_URL is set, until the installation is asked to stop. Then stops all of them in
 * order.
 * @throws UserFacingError if a program cannot start; all others are stopped then
 */
export async function runInstallation({
  settings,
  redisProgram,
  unsupervised,
  recordControl,
  signal,
  kill,
  runUntilStop,
}: RunInstallationOptions): Promise<void> {
  const { dataDir, host, ports } = settings;
  const output = createConsoleOutput({
    names: [...SERVICES.map(({ name }) => name), 'redis'],
    useColor: process.stdout.isTTY && !process.env['NO_COLOR'],
    write: (text) => void process.stdout.write(text),
  });
  const programs: SupervisedProgram[] = [];
  let control: ControlServer | undefined;
  kill.addEventListener('abort', () => {
    for (const program of programs) program.kill();
    process.exit(1);
  });

  try {
    const hangTimeoutMs = parseMilliseconds('WATCHDOG_TIMEOUT_MS', settings.watchdogTimeoutMs);
    const lifetimeMs = parseMilliseconds('UNSUPERVISED_LIFETIME_MS', settings.unsupervisedLifetimeMs);
    const env = {
      ...ports,
      HOST: host,
      DATA_DIR: dataDir,
      [UNSUPERVISED_LIFETIME_VARIABLE]: String(lifetimeMs),
      REDIS_URL: await startRedis(),
    };
    output.log(describeServiceStart(unsupervised));
    const services = superviseServices({ settings, env, unsupervised, hangTimeoutMs, listener: output });
    programs.push(...services);
    await waitUntilStarted(services, { signal, log: output.log });
    await waitUntilHealthy(settings, signal);
    control = await startControlServer(createServiceRestarter(services));
    recordControl(control.address);
    const getPid = (name: ServiceName) => services.find((service) => service.name === name)?.getPid();
    const signInUrl = await createWelcomeLink(settings, signal);
    const timeZoneData = TIME_ZONE_DATA_VERSION;
    output.log(
      formatWelcomeMessage({ settings, getPid, startMs: performance.now(), timeZoneData, signInUrl }),
    );
    await runUntilStop({ services, output, signal });
    output.onNotice('Stopping. Press Ctrl-C again to end at once.');
  } finally {
    control?.close();
    await stopInOrder(programs);
  }

  /** @returns the URL of a Redis that answers */
  async function startRedis(): Promise<string> {
    if (redisProgram === undefined) {
      const hasSentinels = settings.redisVariables['REDIS_SENTINELS'] !== undefined;
      output.log(`Connecting to the Redis of ${hasSentinels ? 'REDIS_SENTINELS' : 'REDIS_URL'}.`);
      await checkConfiguredRedis(settings, signal);
      return settings.redisUrl ?? '';
    }
    output.log(`Starting ${basename(redisProgram)}.`);
    const { url, program } = await prepareLocalRedis(redisProgram, dataDir, unsupervised.size > 0);
    const redis = superviseProgram(program, output);
    programs.push(redis);
    await waitUntilStarted([redis], { signal, log: output.log });
    return url;
  }
}

/** @throws UserFacingError if the setting is no duration */
function parseMilliseconds(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UserFacingError(
    `These settings cannot be used: ${name} must be a whole number from 0 to 999999999 ms (it is "${text}").`,
  );
}

function describeServiceStart(unsupervised: UnsupervisedServices): string {
  const names = SERVICES.map(({ name }) => name).join(', ');
  if (unsupervised.size === 0) return `Starting ${names} with their databases: usually 3 to 15 s.`;
  const running = [...unsupervised].map(([name, { pid }]) => `${name} (pid ${pid})`).join(', ');
  return `Taking over from an earlier start: ${running}. They are replaced one after the other.`;
}

/**
 * Waits until the gateway reports all services as UP, so that no log line about that follows the welcome message. It gives up
 * after 5 s.
 */
export async function waitUntilHealthy(settings: InstallationSettings, stop: AbortSignal): Promise<void> {
  const url = `http://${getLocalHostAndPort(settings.host, settings.ports.GATEWAY_PORT)}/status.json`;
  const poll = async (signal: AbortSignal) => {
    const headers = await createAuthorizer(settings, OPERATOR_ACTOR)();
    for (;;) {
      const response = await sendServiceRequest(url, { headers, signal });
      // Without a token of the configured issuer, the status is not readable.
      if (!response.ok || statusSchema.parse(await response.json()).status === 'UP') return;
      await sleep(HEALTH_POLL_INTERVAL_MS, undefined, { signal });
    }
  };
  try {
    await runWithTimeout(HEALTH_TIMEOUT_MS, stop, poll);
  } catch {
    stop.throwIfAborted();
  }
}

/** @returns undefined if the installation has no sign-in links, or the gateway has ended since it was ready */
async function createWelcomeLink(
  settings: InstallationSettings,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { isProduction, identity } = settings;
  if (isProduction || !identity.required || identity.issuer !== undefined) return undefined;
  try {
    return (await createSignInLink(settings, signal)).url;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
