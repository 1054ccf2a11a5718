// What this machine must have. It is checked before anything is installed, so this file imports modules of Node only.
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { loadEnvFile, readDefaultSettings, UserFacingError } from './project.mjs';

/** Names of the server that npm start runs, the preferred one first. */
export const REDIS_PROGRAMS = ['valkey-server', 'redis-server'];
export const MISSING_REDIS =
  'There is no Redis or Valkey server on this machine: run "sudo apt-get install -y redis-server" (Debian, Ubuntu), ' +
  '"sudo dnf install -y valkey" (Fedora) or "brew install redis" (macOS), or set REDIS_URL to the URL of a Redis.';
export const MISSING_TOOLCHAIN =
  'python3, make or a C++ compiler is missing: run "sudo apt-get install -y python3 make g++" (Debian, Ubuntu), ' +
  '"sudo dnf install -y python3 make gcc-c++" (Fedora) or "xcode-select --install" (macOS).';

/** Whether one of these programs runs. On macOS, /usr/bin has compilers that do not. @param {string[]} names */
const hasProgram = (...names) => names.some((name) => spawnSync(name, ['--version']).status === 0);

/** Whether this machine can compile better-sqlite3. */
export const hasToolchain = () =>
  hasProgram('python3') && hasProgram('make', 'gmake') && hasProgram('c++', 'g++', 'clang++');

/** Whether this process can install packages of Debian or Ubuntu. */
export const canInstallPackages = () => process.getuid?.() === 0 && hasProgram('apt-get');

/** Reads a setting. An empty variable counts as absent. @param {string} name @param {string} [fallback] */
const readSetting = (name, fallback) =>
  process.env[name] === '' ? fallback : (process.env[name] ?? fallback);

/**
 * Checks programs and ports together, before anything is installed. Each start checks them again in apps/cli.
 * @param {{ usesPorts?: boolean | undefined, log: (line: string) => void }} options
 * @throws {UserFacingError} with all problems
 */
export async function checkPrerequisites({ usesPorts, log }) {
  loadEnvFile();
  const problems = usesPorts ? await findPortProblems() : [];
  if (!canInstallPackages()) {
    const needsRedis = !(usesPorts && readSetting('REDIS_URL'));
    if (needsRedis && !hasProgram(...REDIS_PROGRAMS)) problems.unshift(MISSING_REDIS);
    // A prebuilt binary may fit this Node; only its download shows that.
    if (!hasToolchain())
      log(`If better-sqlite3 must be compiled, this stops the start: ${MISSING_TOOLCHAIN}`);
  }
  if (problems.length > 0) throw new UserFacingError(problems.join('\n'));
}

/** Finds the ports that cannot be used. Invalid settings are skipped: the services report them. */
async function findPortProblems() {
  const host = readSetting('HOST', '127.0.0.1') ?? '';
  const problems = [];
  for (const [setting, defaultPort] of Object.entries(readDefaultSettings())) {
    const port = Number(readSetting(setting, defaultPort));
    if (!setting.endsWith('_PORT') || !(port >= 1 && port <= 65_535)) continue;
    const code = await tryListen(host, port);
    if (code === undefined) continue;
    problems.push(
      `Port ${port} on ${host} cannot be used (${code}): free it, or set ${setting} in the file .env.`,
    );
  }
  return problems;
}

/** @param {string} host @param {number} port @returns {Promise<string | undefined>} an error code if listening fails */
export const tryListen = (host, port) =>
  new Promise((resolve) => {
    const server = createServer();
    server.on('error', (/** @type {NodeJS.ErrnoException} */ error) => resolve(error.code ?? error.message));
    server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  });
