import { createAptInstaller, ensureProgram, findOnPath } from '@seguridad-abc/cli';

/** @returns {string | undefined} the path of promtool, which checks and tests alert rules without a Prometheus server */
export const findPromtool = () => findOnPath(['promtool']);

/**
 * Installs promtool if it is missing and this process may do so. Without it, the tests of the alert rules are skipped.
 *
 * @param {{ log: (line: string) => void, signal: AbortSignal }} options
 */
export async function ensurePromtool({ log, signal }) {
  const installer = createAptInstaller(['prometheus']);
  if (findPromtool() === undefined && !installer) {
    log('There is no promtool on this machine, so the tests of the alert rules are skipped.');
    return;
  }
  const missing = 'There is no promtool on this machine: run "sudo apt-get install -y prometheus".';
  await ensureProgram({ find: findPromtool, installer, missing, log, signal });
}
