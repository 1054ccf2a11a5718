import { createAptInstaller, ensureProgram, findOnPath } from '@seguridad-abc/cli';

/** @returns {string | undefined} the path of docker-compose, whose `config` checks compose.yaml without a Docker daemon */
export const findDockerCompose = () => findOnPath(['docker-compose']);

/**
 * Installs docker-compose if it is missing and this process may do so. Without it, the test of compose.yaml is skipped.
 *
 * @param {{ log: (line: string) => void, signal: AbortSignal }} options
 */
export async function ensureDockerCompose({ log, signal }) {
  const installer = createAptInstaller(['docker-compose']);
  if (findDockerCompose() === undefined && !installer) {
    log('There is no docker-compose on this machine, so the test of compose.yaml is skipped.');
    return;
  }
  const missing = 'There is no docker-compose on this machine: run "sudo apt-get install -y docker-compose".';
  await ensureProgram({ find: findDockerCompose, installer, missing, log, signal });
}
