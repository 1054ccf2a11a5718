import { createAptInstaller, ensureProgram, findOnPath } from '@seguridad-abc/cli';

/**
 * Installs openssl if it is missing and this process may do so. Tests create certificates with it.
 *
 * @param {{ log: (line: string) => void, signal: AbortSignal }} options
 */
export const ensureOpenssl = (options) =>
  ensureProgram({
    find: () => findOnPath(['openssl']),
    installer: createAptInstaller(['openssl']),
    missing: 'There is no openssl on this machine: run "sudo apt-get install -y openssl".',
    ...options,
  });
