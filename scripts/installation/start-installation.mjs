// `npm start` loads this file before the dependencies are installed, so its static imports need none.
import { buildServices } from '../install/build-services.mjs';
import { ensureDependencies } from '../install/dependencies.mjs';
import { ensureRedisProgram } from '../install/redis-program.mjs';
import { EXIT_CODES, InterruptedError, printError } from '../shared/errors.mjs';
import { loadEnvFile, readInstallationSettings } from '../shared/installation-settings.mjs';
import { listenForInterrupts, waitForAbort } from '../shared/interrupts.mjs';
import { checkPortsAvailable } from '../shared/ports.mjs';
import { PROJECT_FOLDER } from '../shared/project-files.mjs';
import { lockDataFolder, prepareDataFolder, lockDataFolderIfLockIsBuilt } from './data-folder.mjs';

/**
 * Installs and builds what is missing, runs the installation until it is asked to stop, and ends this process.
 *
 * @param {{
 *   runUntilStop?: import('./run-installation.mjs').RunUntilStop,
 *   defaultSettings?: Readonly<Record<string, string>>,
 * }} [options] `runUntilStop` runs while the services do; by default it waits for a signal. `defaultSettings` apply if
 *   neither the environment nor `.env` has them
 */
export async function startInstallation({
  runUntilStop = ({ signal }) => waitForAbort(signal),
  defaultSettings = {},
} = {}) {
  const startedAt = performance.now();
  const { stop: signal, kill } = listenForInterrupts();
  const log = (/** @type {string} */ text) => console.log(text);
  try {
    process.chdir(PROJECT_FOLDER);
    loadEnvFile();
    for (const [name, value] of Object.entries(defaultSettings)) {
      // An empty value counts as not set.
      if (!process.env[name]?.trim()) process.env[name] = value;
    }
    const settings = readInstallationSettings(process.env);
    prepareDataFolder(settings.dataDir);
    const earlyUnlock = await lockDataFolderIfLockIsBuilt(settings.dataDir);
    await checkPortsAvailable(settings.host, settings.ports);
    await ensureDependencies({ log, signal });
    const redisProgram =
      settings.redisUrl === undefined ? await ensureRedisProgram({ log, signal }) : undefined;
    const built = buildServices({ log, signal });
    // `runInstallation` awaits this promise later; a rejection must not be unhandled until then.
    built.catch(() => undefined);
    if (!earlyUnlock) await built;
    const unlock = earlyUnlock ?? (await lockDataFolder(settings.dataDir));
    const { runInstallation } = await import('./run-installation.mjs');
    await runInstallation({ settings, redisProgram, built, signal, kill, runUntilStop, startedAt });
    unlock();
    process.exit(0);
  } catch (error) {
    if (error instanceof InterruptedError) process.exit(EXIT_CODES.interrupted);
    printError(error);
    process.exit(1);
  }
}
