import { build } from './build.mjs';
import { lockDataFolder, lockDataFolderEarly, openDataFolder } from './data-folder.mjs';
import { Failure } from './failure.mjs';
import { ensureDependencies } from './install/dependencies.mjs';
import { Interrupted, interrupts, untilAborted } from './interrupts.mjs';
import { checkPorts } from './ports.mjs';
import { ensureRedisProgram } from './redis/program.mjs';
import { ROOT } from './root.mjs';
import { loadEnvFile, readSettings } from './settings.mjs';

/** As shells say it of what Ctrl-C ended. */
const INTERRUPTED = 130;

/**
 * Everything from a fresh clone to a running installation, and its orderly end.
 *
 * @param {{ untilStop?: import('./operate.mjs').UntilStop }} [options] `untilStop`: what is done while it runs
 */
export async function start({ untilStop = ({ signal }) => untilAborted(signal) } = {}) {
  const began = performance.now();
  const { first: signal, second: kill } = interrupts();
  const say = (/** @type {string} */ text) => console.log(text);
  try {
    process.chdir(ROOT);
    loadEnvFile();
    const settings = readSettings(process.env);
    openDataFolder(settings.dataDir);
    const early = await lockDataFolderEarly(settings.dataDir);
    await checkPorts(settings.host, settings.ports);
    await ensureDependencies({ say, signal });
    const redisProgram =
      settings.redisUrl === undefined ? await ensureRedisProgram({ say, signal }) : undefined;
    const built = build({ say, signal });
    // Whoever waits for it hears of a failure, and that may be a moment later.
    built.catch(() => undefined);
    if (!early) await built;
    const release = early ?? (await lockDataFolder(settings.dataDir));
    const { operate } = await import('./operate.mjs');
    await operate({ settings, redisProgram, built, signal, kill, untilStop, began });
    release();
    process.exit(0);
  } catch (error) {
    if (error instanceof Interrupted) process.exit(INTERRUPTED);
    console.error(error instanceof Failure ? error.message : error);
    process.exit(1);
  }
}
