import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { getErrorCode, UserFacingError } from '../shared/errors.mjs';
import { findOnPath, runCommand } from '../shared/run-command.mjs';
import { askYesNo, isInteractive } from './ask-user.mjs';
import { logProgress } from './progress.mjs';

/**
 * A way in which this process can install a program.
 *
 * @typedef {object} ProgramInstaller
 * @property {string} description what is installed, and with what
 * @property {(signal: AbortSignal) => Promise<void>} install
 */

/**
 * Finds a program, and installs it if it is missing and an installer is available. A person at the terminal is asked
 * first.
 *
 * @param {object} options
 * @param {string} options.name for messages
 * @param {() => string | undefined} options.find returns the program's path
 * @param {ProgramInstaller | undefined} options.installer
 * @param {string} options.command for a user to install it, in quotes
 * @param {string} options.alternative what else a user can do
 * @param {(line: string) => void} options.log
 * @param {AbortSignal} options.signal
 * @returns {Promise<string>} its path
 * @throws {UserFacingError} with the command that installs it
 */
export async function ensureProgram({ name, find, installer, command, alternative, log, signal }) {
  const present = find();
  if (present !== undefined) return present;
  if (!installer || !(await mayInstall(installer, signal))) {
    throw new UserFacingError(`There is no ${name} on this machine: run ${command}, or ${alternative}.`);
  }
  await runInstaller(installer, { log, signal });
  const installed = find();
  if (installed === undefined) {
    throw new UserFacingError(
      `${name} was installed (${installer.description}) but cannot be found: ${alternative}.`,
    );
  }
  return installed;
}

/**
 * Asks a person at the terminal. Without one, the answer is yes: what is installed is logged.
 *
 * @param {ProgramInstaller} installer
 * @param {AbortSignal} signal
 */
export const mayInstall = async ({ description }, signal) =>
  !isInteractive() || (await askYesNo(`Install ${description}?`, signal));

/**
 * Installs a program and logs what happens.
 *
 * @param {ProgramInstaller} installer
 * @param {{ log: (line: string) => void, signal: AbortSignal }} options
 */
export async function runInstaller({ description, install }, { log, signal }) {
  log(`Installing ${description}.`);
  await logProgress({ log, describe: () => `installing ${description}` }, () => install(signal));
}

/** @returns {string | undefined} the path of apt-get, on Debian and its derivatives */
export const findAptGet = () => (existsSync('/etc/debian_version') ? findOnPath(['apt-get']) : undefined);

/** Whether this process may install system packages. */
export const isRootUser = () => process.getuid?.() === 0;

/**
 * @param {readonly string[]} packageNames
 * @param {string} alternative what a user can do if the installation fails
 * @returns {ProgramInstaller | undefined} undefined without apt-get or without root rights
 */
export function createAptInstaller(packageNames, alternative) {
  const aptGet = findAptGet();
  if (aptGet === undefined || !isRootUser()) return undefined;
  return {
    description: `${packageNames.join(', ')} with apt-get`,
    install: (signal) => installWithApt(aptGet, packageNames, alternative, signal),
  };
}

/**
 * Packages of Debian run this script to ask whether they may start the services that they install.
 * https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt
 */
const POLICY_FILE = '/usr/sbin/policy-rc.d';
/** Exit code 101: forbidden by policy. */
const POLICY_DENY_SCRIPT = '#!/bin/sh\nexit 101\n';

/**
 * Installs packages without letting them start a service.
 *
 * @param {string} aptGet
 * @param {readonly string[]} packageNames
 * @param {string} alternative
 * @param {AbortSignal} signal
 * @throws {UserFacingError}
 */
async function installWithApt(aptGet, packageNames, alternative, signal) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  // An unreachable package source does not matter if the others have the package, so this result is ignored.
  await runCommand(aptGet, ['update', '-q'], { signal, env });
  const isPolicyOurs = denyServiceStarts();
  try {
    const args = ['install', '-y', '-q', '--no-install-recommends', ...packageNames];
    const { code, output } = await runCommand(aptGet, args, { signal, env });
    if (code === 0) return;
    console.error(output.trimEnd());
    throw new UserFacingError(
      `apt-get could not install ${packageNames.join(', ')}: correct the errors above, or ${alternative}.`,
    );
  } finally {
    if (isPolicyOurs) rmSync(POLICY_FILE, { force: true });
  }
}

/** @returns {boolean} false if the machine has its own policy file, which stays in effect */
function denyServiceStarts() {
  try {
    writeFileSync(POLICY_FILE, POLICY_DENY_SCRIPT, { mode: 0o755, flag: 'wx' });
    return true;
  } catch (error) {
    if (getErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}
