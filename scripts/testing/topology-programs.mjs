import { createAptInstaller, ensureProgram, listMissingPackages } from '@seguridad-abc/cli';

/**
 * Installs PostgreSQL and haproxy if they are missing and this process may do so.
 *
 * @param {{ log: (line: string) => void, signal: AbortSignal }} options
 * @throws {UserFacingError} with the command that installs them
 */
export async function ensureTopologyPrograms({ log, signal }) {
  const missing = listMissingPackages();
  if (missing.length === 0) return;
  await ensureProgram({
    find: () => (listMissingPackages().length === 0 ? 'found' : undefined),
    installer: createAptInstaller(missing),
    missing: `There is no ${missing.join(', no ')} on this machine: run "sudo apt-get install -y ${missing.join(' ')}".`,
    log,
    signal,
  });
}
