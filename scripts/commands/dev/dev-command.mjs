// This file is loaded before the dependencies are installed, so its static imports need none.
import { parseToolArguments } from '../../cli/run-tool.mjs';
import { buildServices } from '../../install/build-services.mjs';
import { startInstallation } from '../../installation/start-installation.mjs';
import { getExitCode, printError, UserFacingError } from '../../shared/errors.mjs';
import { PROJECT_FOLDER } from '../../shared/project-files.mjs';
import { runCommand } from '../../shared/run-command.mjs';
import {
  createChangeBatches,
  getChangeEffect,
  readDependentServices,
  watchSourceFiles,
} from './source-changes.mjs';

const usage = `npm run dev

Works like npm start, and restarts services when a source file, a schema or supergraph.yaml changes: it builds what depends
on the file, and restarts the services that use it. The gateway composes the running subgraphs, so that a changed schema
reaches clients without a restart of the gateway. If the build fails, the services keep running unchanged. Changes of
tests are ignored. For new migrations run npm run generate.

Exit codes: as of npm start; 2 wrong usage.`;

/** The gateway composes the running subgraphs, so that a changed schema reaches clients without a command. */
const DEV_SETTINGS = { SUPERGRAPH: 'introspect', SUPERGRAPH_POLL_INTERVAL_MS: '1000' };

/** @param {string[]} args */
export async function runDevCommand(args) {
  try {
    if (parseToolArguments({ usage, options: {} }, args)) {
      await startInstallation({ runUntilStop: rebuildOnChange, defaultSettings: DEV_SETTINGS });
    }
  } catch (error) {
    printError(error);
    process.exitCode = getExitCode(error);
  }
}

/**
 * Builds after each change and restarts the services that depend on it, until the installation is asked to stop.
 *
 * @param {import('../../installation/run-installation.mjs').RunningInstallation} installation
 */
async function rebuildOnChange({ services, output, signal }) {
  const dependents = readDependentServices();
  const batches = createChangeBatches();
  const stopWatching = watchSourceFiles(PROJECT_FOLDER, (path) => {
    if (getChangeEffect(path, dependents)) batches.add(path);
  });
  output.onNotice('Watching the source files: a service restarts when its files change.');
  // A failed build keeps these for the next one.
  /** @type {Set<string>} */
  const outdatedServices = new Set();
  let needsGenerate = false;
  try {
    while (!signal.aborted) {
      const paths = await batches.takeNext(signal);
      output.onNotice(`Changed: ${paths.join(', ')}. Building.`);
      for (const path of paths) {
        const effect = getChangeEffect(path, dependents);
        needsGenerate ||= effect?.needsGenerate === true;
        for (const name of effect?.services ?? []) outdatedServices.add(name);
      }
      if (!(await tryBuild({ needsGenerate, output, signal }))) continue;
      output.onNotice(`Built. Restarting: ${[...outdatedServices].join(', ')}.`);
      for (const service of services) if (outdatedServices.has(service.name)) service.restart();
      outdatedServices.clear();
      needsGenerate = false;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stopWatching();
  }
}

/**
 * @param {{ needsGenerate: boolean } & Pick<import('../../installation/run-installation.mjs').RunningInstallation, 'output' | 'signal'>} options
 * @returns {Promise<boolean>} whether the build succeeded
 */
async function tryBuild({ needsGenerate, output, signal }) {
  try {
    if (needsGenerate) await generateFiles(signal);
    await buildServices({ log: () => undefined, signal });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof UserFacingError)) throw error;
    output.onNotice(`${error.message} The services keep running unchanged.`);
    return false;
  }
}

/** Generates all files except migrations: the tables may not be final yet. @param {AbortSignal} signal */
async function generateFiles(signal) {
  const args = ['scripts/generate.mjs', '--no-migrations'];
  const { code, output } = await runCommand(process.execPath, args, { signal });
  if (code !== 0) {
    throw new UserFacingError(`${output.trimEnd()}\nnpm run generate failed: correct the errors above.`);
  }
}
