import { Failure } from '../failure.mjs';

/**
 * How a program can be installed here without asking anybody.
 *
 * @typedef {object} Installer
 * @property {string} says what is installed, and with what
 * @property {(signal: AbortSignal) => Promise<void>} install
 */

/**
 * Where a program lies. Where there is none and there is a way, it is installed.
 *
 * @param {object} options
 * @param {string} options.what it is, for messages
 * @param {() => string | undefined} options.find
 * @param {Installer | undefined} options.installer
 * @param {string} options.command with which a person gets it, in quotes
 * @param {string} options.otherwise what else a person can do
 * @param {(line: string) => void} options.say
 * @param {AbortSignal} options.signal
 * @returns {Promise<string>}
 * @throws {Failure} that says which one command gets it
 */
export async function ensureProgram({ what, find, installer, command, otherwise, say, signal }) {
  const present = find();
  if (present !== undefined) return present;
  if (!installer) throw new Failure(`There is no ${what} on this machine: run ${command}, or ${otherwise}.`);
  say(`Installing ${installer.says}.`);
  await installer.install(signal);
  const installed = find();
  if (installed === undefined) {
    throw new Failure(`${what} was installed (${installer.says}) and cannot be found: ${otherwise}.`);
  }
  return installed;
}
