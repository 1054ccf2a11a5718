import { createAptInstaller, ensureProgram, listMissingPackages } from '@seguridad-abc/cli';

/**
 * Installs PostgreSQL and haproxy if they are missing and this process may do so. Without them, the tests that need them are
 * skipped.
 *
 * @param {{ log: (line: string) => void, signal: AbortSignal }} options
 */
export async function ensureTopologyPrograms({ log, signal }) {
  const missing = listMissingPackages();
  if (missing.length === 0) return;
  const installer = createAptInstaller(missing);
  const command = `sudo apt-get install -y ${missing.join(' ')}`;
  if (!installer) {
    log(`Tests of several machines are skipped, because programs are missing: run "${command}".`);
    return;
  }
  const find = () => (listMissingPackages().length === 0 ? 'found' : undefined);
  await ensureProgram({ find, installer, missing: `Programs are missing: run "${command}".`, log, signal });
}
