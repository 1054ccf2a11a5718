import { execa } from 'execa';
import { z } from 'zod';
import { defineCommand } from '../../command-line/define-command.js';
import { isUserFacingError, UserFacingError } from '../../shared/errors.js';
import { PROJECT_FOLDER } from '../../shared/bootstrap.js';
import type { RunningInstallation } from '../../start/installation/run-installation.js';
import { startInstallation } from '../../start/installation/start-installation.js';
import {
  createChangeBatches,
  getChangeEffect,
  readDependentServices,
  watchSourceFiles,
} from './source-changes.js';

/** The gateway composes the running subgraphs, so that a changed schema reaches clients without a command. */
const DEV_SETTINGS = { SUPERGRAPH: 'introspect', SUPERGRAPH_POLL_INTERVAL_MS: '1000' };

/** `npm run dev`. */
export const createDevCommand = defineCommand({
  command: 'dev',
  describe: `Works like npm start, and restarts services when a source file, a schema or supergraph.yaml changes.

It builds what depends on the file, and restarts the services that use it. The gateway composes the running subgraphs, so that a changed schema reaches clients without a restart of the gateway. If the build fails, the services keep running unchanged. Changes of tests are ignored. For new migrations run npm run generate.

Exit codes: as of npm start; 2 wrong usage.`,
  isReadOnly: false,
  // npm start kills its programs at the second Ctrl-C.
  handlesInterrupts: true,
  examples: [['npm run dev', '']],
  builder: (yargs) => yargs,
  options: z.object({}),
  async run() {
    return startInstallation({ runUntilStop: rebuildOnChange, defaultSettings: DEV_SETTINGS });
  },
});

/** Builds after each change and restarts the services that depend on it, until the installation is asked to stop. */
async function rebuildOnChange({ services, output, signal }: RunningInstallation): Promise<void> {
  const dependents = readDependentServices();
  const batches = createChangeBatches();
  const stopWatching = watchSourceFiles(PROJECT_FOLDER, (path) => {
    if (getChangeEffect(path, dependents)) batches.add(path);
  });
  output.onNotice('Watching the source files: a service restarts when its files change.');
  // A failed build keeps these for the next one.
  const outdatedServices = new Set<string>();
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
      const failure = await tryBuild(needsGenerate, signal);
      if (failure !== undefined) {
        output.onNotice(`${failure} The services keep running unchanged.`);
        continue;
      }
      output.onNotice(describeRestart([...outdatedServices]));
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

/** @param services that the build concerns: none for a package that only the command-line app uses */
export const describeRestart = (services: readonly string[]): string =>
  services.length === 0
    ? 'Built. No service uses the changed files, so none restarts.'
    : `Built. Restarting: ${services.join(', ')}.`;

/** @returns why the build failed */
async function tryBuild(needsGenerate: boolean, signal: AbortSignal): Promise<string | undefined> {
  try {
    if (needsGenerate) await generateFiles(signal);
    // Loaded now: it needs esbuild, which only building commands need.
    const { transpileProject } = await import('../../../../../scripts/bootstrap/transpile.mjs');
    await transpileProject();
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (!isUserFacingError(error)) throw error;
    return error.message;
  }
}

/** Generates all files except migrations: the tables may not be final yet. */
async function generateFiles(signal: AbortSignal): Promise<void> {
  const { failed, all } = await execa({
    cwd: PROJECT_FOLDER,
    all: true,
    reject: false,
    stdin: 'ignore',
    cancelSignal: signal,
  })`${process.execPath} scripts/generate.mjs --no-migrations`;
  signal.throwIfAborted();
  if (failed) throw new UserFacingError(`${all}\nnpm run generate failed: correct the errors above.`);
}
