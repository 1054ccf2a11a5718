import { accessSync, constants, mkdirSync } from 'node:fs';
import { getLocalHostAndPort, lockDataFolder } from '@seguridad-abc/platform/installation';
import { canInstallPackages, MISSING_REDIS } from '../../shared/bootstrap.js';
import {
  EXIT_CODES,
  formatError,
  getErrorMessage,
  isInterruptedError,
  UserFacingError,
} from '../../shared/errors.js';
import {
  readInstallationSettings,
  type InstallationSettings,
  type ServicePorts,
} from '../../shared/installation-settings.js';
import { listenForInterrupts, waitForAbort } from '../../shared/interrupts.js';
import { findRunningStart, recordStart } from '../../shared/running-start.js';
import { ensureRedisProgram, findRedisProgram } from '../redis/redis-program.js';
import { claimUnsupervisedServices, type UnsupervisedServices } from '../supervise/unsupervised-services.js';
import type { ControlAddress } from './control-server.js';
import { findPortProblems } from './port-problems.js';
import { runInstallation, type RunUntilStop } from './run-installation.js';

/** Files that this process and its children create are readable by their owner only. */
const OWNER_ONLY_UMASK = 0o077;

export interface StartInstallationOptions {
  /** Runs while the services do; by default it waits for a signal. */
  readonly runUntilStop?: RunUntilStop;
  /** Apply if neither the environment nor `.env` has them. */
  readonly defaultSettings?: Readonly<Record<string, string>>;
}

/**
 * Provides what the bootstrap has not installed, runs the installation until it is asked to stop, and ends this process. The
 * bootstrap (scripts/cli.mjs) has installed the packages with the addon, and built the services.
 */
export async function startInstallation({
  runUntilStop = ({ signal }) => waitForAbort(signal),
  defaultSettings = {},
}: StartInstallationOptions = {}): Promise<never> {
  // The data folder has secrets and personal data. The services and Redis inherit this.
  process.umask(OWNER_ONLY_UMASK);
  const { stop: signal, kill } = listenForInterrupts();
  const log = (text: string) => void process.stdout.write(`${text}\n`);
  try {
    for (const [name, value] of Object.entries(defaultSettings)) {
      // An empty variable counts as absent.
      if ((process.env[name] ?? '') === '') process.env[name] = value;
    }
    const settings = readInstallationSettings(process.env);
    checkPortsDiffer(settings.ports);
    prepareDataFolder(settings.dataDir);
    const { recordControl, unlock } = lockForStart(settings);
    try {
      const unsupervised = await claimUnsupervisedServices(settings);
      await checkPortsAndRedis(settings, unsupervised);
      const redisProgram =
        settings.redisUrl === undefined ? await ensureRedisProgram({ log, signal }) : undefined;
      await runInstallation({
        settings,
        redisProgram,
        unsupervised,
        recordControl,
        signal,
        kill,
        runUntilStop,
      });
    } finally {
      unlock();
    }
    process.exit(EXIT_CODES.success);
  } catch (error) {
    if (isInterruptedError(error)) process.exit(EXIT_CODES.interrupted);
    process.stderr.write(`${formatError(error)}\n`);
    process.exit(EXIT_CODES.failure);
  }
}

/**
 * Checks that no two services have the same port.
 * @throws UserFacingError
 */
export function checkPortsDiffer(ports: ServicePorts): void {
  const settings = Object.entries(ports);
  const problems = settings.flatMap(([setting, port], index) =>
    settings
      .slice(0, index)
      .filter(([, other]) => other === port)
      .map(([other]) => `${other} and ${setting} are both ${port}: give each its own port.`),
  );
  if (problems.length > 0) throw new UserFacingError(problems.join('\n'));
}

/** Creates the data folder if it is missing, and checks its permissions. */
function prepareDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new UserFacingError(
      `The data folder ${folder} cannot be read and written (${getErrorMessage(error)}): ` +
        'correct its permissions, or set DATA_DIR to another folder.',
    );
  }
}

/**
 * Locks the data folder, and records this start for the commands that use it. The operating system releases the lock when
 * this process ends.
 */
function lockForStart({ dataDir, host, ports, redisUrl = '', redisVariables }: InstallationSettings): {
  /** Records where commands control this start. */
  readonly recordControl: (control: ControlAddress) => void;
  readonly unlock: () => void;
} {
  try {
    const unlock = lockDataFolder(dataDir, 'start');
    const start = {
      url: `http://${getLocalHostAndPort(host, ports.GATEWAY_PORT)}`,
      addresses: { HOST: host, REDIS_URL: redisUrl, ...redisVariables, ...ports },
    };
    const removeRecord = recordStart(dataDir, start);
    return {
      recordControl: (control) => void recordStart(dataDir, { ...start, control }),
      unlock() {
        removeRecord();
        unlock();
      },
    };
  } catch (error) {
    const running = findRunningStart(dataDir);
    throw new UserFacingError(
      running
        ? `This installation already runs (pid ${running.pid}): ${running.url}. Stop it with Ctrl-C in its terminal.`
        : getErrorMessage(error),
    );
  }
}

/**
 * Checks that the services can use their ports, and that there is a Redis or it can be installed.
 * @param unsupervised services that will be replaced: they may use their ports
 * @throws UserFacingError with all problems
 */
async function checkPortsAndRedis(
  settings: InstallationSettings,
  unsupervised: UnsupervisedServices,
): Promise<void> {
  const hasRedis = settings.redisUrl !== undefined || findRedisProgram() !== undefined;
  const problems = [
    ...(hasRedis || canInstallPackages() ? [] : [MISSING_REDIS]),
    ...(await findPortProblems(settings, { ignored: new Set(unsupervised.keys()) })),
  ];
  if (problems.length > 0) throw new UserFacingError(problems.join('\n'));
}
