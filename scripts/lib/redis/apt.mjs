import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { onPath, run } from '../command.mjs';
import { codeOf, Failure } from '../failure.mjs';

/** Debian's packages ask it whether they may start the service that they bring. */
const POLICY = '/usr/sbin/policy-rc.d';
/** "Forbidden by policy." */
const DENY = '#!/bin/sh\nexit 101\n';

/** @returns {string | undefined} where apt-get lies, on Debian and its kin */
export const aptGet = () => (existsSync('/etc/debian_version') ? onPath(['apt-get']) : undefined);

/**
 * Installs Redis without letting the package start a service: the machine keeps running what it ran before.
 *
 * @param {string} apt
 * @param {AbortSignal} signal
 * @throws {Failure}
 */
export async function installRedisWithApt(apt, signal) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  // One source of many that cannot be read must not stop it: the installation tells whether it matters.
  await run(apt, ['update', '-q'], { signal, env });
  const ours = denyServices();
  try {
    const { code, output } = await run(
      apt,
      ['install', '-y', '-q', '--no-install-recommends', 'redis-server'],
      {
        signal,
        env,
      },
    );
    if (code === 0) return;
    console.error(output.trimEnd());
    throw new Failure('redis-server cannot be installed: what apt-get says above is why; or set REDIS_URL.');
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
