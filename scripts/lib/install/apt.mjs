import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { onPath, run } from '../command.mjs';
import { codeOf, Failure } from '../failure.mjs';

/** Debian's packages ask it whether they may start the service that they bring. */
const POLICY = '/usr/sbin/policy-rc.d';
/** "Forbidden by policy." */
const DENY = '#!/bin/sh\nexit 101\n';

/** @returns {string | undefined} where apt-get lies, on Debian and its kin */
export const aptGet = () => (existsSync('/etc/debian_version') ? onPath(['apt-get']) : undefined);

/** Whether this process may install packages. */
export const isRoot = () => process.getuid?.() === 0;

/**
 * @param {string} name of a package
 * @param {string} otherwise what a person can do where it cannot be installed
 * @returns {import('./program.mjs').Installer | undefined} where there is apt-get and it may be used
 */
export function aptInstaller(name, otherwise) {
  const apt = aptGet();
  if (apt === undefined || !isRoot()) return undefined;
  return {
    says: `${name} with apt-get`,
    install: (signal) => installWithApt(apt, { name, otherwise, signal }),
  };
}

/**
 * Installs a package without letting it start a service: the machine keeps running what it ran before.
 *
 * @param {string} apt
 * @param {{ name: string, otherwise: string, signal: AbortSignal }} options
 * @throws {Failure}
 */
async function installWithApt(apt, { name, otherwise, signal }) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  // One source of many that cannot be read must not stop it: the installation tells whether it matters.
  await run(apt, ['update', '-q'], { signal, env });
  const ours = denyServices();
  try {
    const { code, output } = await run(apt, ['install', '-y', '-q', '--no-install-recommends', name], {
      signal,
      env,
    });
    if (code === 0) return;
    console.error(output.trimEnd());
    throw new Failure(`${name} cannot be installed: what apt-get says above is why; or ${otherwise}.`);
  } finally {
    if (ours) rmSync(POLICY, { force: true });
  }
}

/** @returns {boolean} whether this made the policy; one that is there already is the machine's own */
function denyServices() {
  try {
    writeFileSync(POLICY, DENY, { mode: 0o755, flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}
