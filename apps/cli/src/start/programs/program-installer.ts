import { rmSync, writeFileSync } from 'node:fs';
import { canInstallPackages } from '../../shared/bootstrap.js';
import { getErrorCode, UserFacingError } from '../../shared/errors.js';
import { logProgress } from '../../shared/log-progress.js';
import { askYesNo } from './ask-yes-no.js';
import { runCommand } from './run-command.js';

/** A way in which this process can install a program. */
export interface ProgramInstaller {
  /** What is installed, and with what. */
  readonly description: string;
  readonly install: (signal: AbortSignal) => Promise<void>;
}

/** Where an installation reports its progress, and how it is stopped. */
export interface InstallOptions {
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface EnsureProgramOptions extends InstallOptions {
  /** Returns the program's path. */
  readonly find: () => string | undefined;
  readonly installer: ProgramInstaller | undefined;
  /** What is missing, and what a user can do. */
  readonly missing: string;
}

/**
 * Finds a program, and installs it if it is missing and an installer is available. A person at the terminal is asked first.
 * @returns its path
 * @throws UserFacingError with the command that installs it
 */
export async function ensureProgram({
  find,
  installer,
  missing,
  log,
  signal,
}: EnsureProgramOptions): Promise<string> {
  const present = find();
  if (present !== undefined) return present;
  if (!installer || !(await mayInstall(installer, signal))) throw new UserFacingError(missing);
  log(`Installing ${installer.description}.`);
  await logProgress({ log, describe: () => `installing ${installer.description}` }, () =>
    installer.install(signal),
  );
  const installed = find();
  if (installed !== undefined) return installed;
  throw new UserFacingError(
    `${installer.description} has installed no program that can be found. ${missing}`,
  );
}

/** Asks a person at the terminal. Without one, the answer is yes: what is installed is logged. */
async function mayInstall({ description }: ProgramInstaller, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return true;
  return askYesNo(`Install ${description}?`, signal);
}

/** Creates the installer of Debian's packages; undefined without apt-get or without root rights. */
export function createAptInstaller(packageNames: readonly string[]): ProgramInstaller | undefined {
  if (!canInstallPackages()) return undefined;
  return {
    description: `${packageNames.join(', ')} with apt-get`,
    install: (signal) => installWithApt(packageNames, signal),
  };
}

/**
 * Packages of Debian run this script to ask whether they may start the services that they install.
 * https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt
 */
const POLICY_FILE = '/usr/sbin/policy-rc.d';
/** Exit code 101: forbidden by policy. */
const POLICY_DENY_SCRIPT = '#!/bin/sh\nexit 101\n';

/** Installs packages without letting them start a service. */
async function installWithApt(packageNames: readonly string[], signal: AbortSignal): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  // An unreachable package source does not matter if the others have the package, so this result is ignored.
  await runCommand('apt-get', ['update', '-q'], { signal, env });
  const isPolicyOurs = denyServiceStarts();
  try {
    const args = ['install', '-y', '-q', '--no-install-recommends', ...packageNames];
    const { code, output } = await runCommand('apt-get', args, { signal, env });
    if (code === 0) return;
    throw new UserFacingError(
      `${output.trimEnd()}\napt-get could not install ${packageNames.join(', ')}: correct the errors above, or install them yourself.`,
    );
  } finally {
    if (isPolicyOurs) rmSync(POLICY_FILE, { force: true });
  }
}

/** @returns false if the machine has its own policy file, which stays in effect */
function denyServiceStarts(): boolean {
  try {
    writeFileSync(POLICY_FILE, POLICY_DENY_SCRIPT, { mode: 0o755, flag: 'wx' });
    return true;
  } catch (error) {
    if (getErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}
