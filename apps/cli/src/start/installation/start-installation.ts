import { accessSync, constants, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getLocalHostAndPort, lockDataFolder } from '@seguridad-abc/platform';
import { describeRunningStart, RUNNING_START_FILE } from '../../shared/bootstrap.js';
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
import { ensureRedisProgram } from '../redis/redis-program.js';
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
 * bootstrap (scripts/cli.mjs) has checked the ports, installed the packages with the addon, and built the services.
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
    const unlock = lockForStart(settings);
    const redisProgram =
      settings.redisUrl === undefined ? await ensureRedisProgram({ log, signal }) : undefined;
    await runInstallation({ settings, redisProgram, signal, kill, runUntilStop });
    unlock();
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
 * Locks the data folder, and tells other starts who has locked it. The operating system releases the lock when this process
 * ends.
 */
function lockForStart({ dataDir, host, ports }: InstallationSettings): () => void {
  const file = join(dataDir, RUNNING_START_FILE);
  try {
    const unlock = lockDataFolder(dataDir, 'start');
    const url = `http://${getLocalHostAndPort(host, ports.GATEWAY_PORT)}`;
    writeFileSync(file, JSON.stringify({ pid: process.pid, url }));
    return () => {
      rmSync(file, { force: true });
      unlock();
    };
  } catch (error) {
    throw new UserFacingError(describeRunningStart(dataDir) ?? getErrorMessage(error));
  }
}
