// `npm start` loads this file before the dependencies are installed, so its static imports need none.
import { buildServices } from '../install/build-services.mjs';
import { ensurePackages } from '../install/dependencies.mjs';
import { checkPrerequisites } from '../install/prerequisites.mjs';
import { runInstaller } from '../install/program-installer.mjs';
import { ensureRedisProgram } from '../install/redis-program.mjs';
import { ensureSqliteAddon } from '../install/sqlite-addon.mjs';
import { EXIT_CODES, InterruptedError, printError } from '../shared/errors.mjs';
import { loadEnvFile, readInstallationSettings } from '../shared/installation-settings.mjs';
import { listenForInterrupts, waitForAbort } from '../shared/interrupts.mjs';
import { PROJECT_FOLDER } from '../shared/project-files.mjs';
import { lockDataFolder, prepareDataFolder, lockDataFolderIfLockIsBuilt } from './data-folder.mjs';

/**
 * Installs and builds what is missing, runs the installation until it is asked to stop, and ends this process.
 *
 * @param {object} [options]
 * @param {string} [options.nodeProblem] why this Node cannot run the installation
 * @param {import('./run-installation.mjs').RunUntilStop} [options.runUntilStop] runs while the services do; by default it
 *   waits for a signal
 * @param {Readonly<Record<string, string>>} [options.defaultSettings] apply if neither the environment nor `.env` has them
 */
export async function startInstallation({
  nodeProblem,
  runUntilStop = ({ signal }) => waitForAbort(signal),
  defaultSettings = {},
} = {}) {
  const startedAt = performance.now();
  const { stop: signal, kill } = listenForInterrupts();
  const log = (/** @type {string} */ text) => console.log(text);
  try {
    process.chdir(PROJECT_FOLDER);
    if (nodeProblem === undefined) loadEnvFile();
    for (const [name, value] of Object.entries(defaultSettings)) {
      // An empty value counts as not set.
      if (!process.env[name]?.trim()) process.env[name] = value;
    }
    const configured = readInstallationSettings(process.env);
    prepareDataFolder(configured.dataDir);
    const earlyUnlock = await lockDataFolderIfLockIsBuilt(configured.dataDir, signal);
    const { ports, installer } = await checkPrerequisites({ settings: configured, nodeProblem, signal });
    const settings = { ...configured, ports };

    // Neither is left running when the other one fails.
    const installs = [ensurePackages({ log, signal })];
    if (installer) installs.push(runInstaller(installer, { log, signal }));
    for (const install of await Promise.allSettled(installs)) {
      if (install.status === 'rejected') throw install.reason;
    }
    const built = buildServices({ log, signal });
    // Awaited later; a rejection must not be unhandled until then.
    built.catch(() => undefined);
    await ensureSqliteAddon({ log, signal });
    if (!earlyUnlock) await built;
    const unlock = earlyUnlock ?? (await lockDataFolder(settings.dataDir));
    const redisProgram =
      settings.redisUrl === undefined ? await ensureRedisProgram({ log, signal }) : undefined;
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
