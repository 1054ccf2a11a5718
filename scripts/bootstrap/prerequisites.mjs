// What this machine must have. It is checked before anything is installed, so this file imports modules of Node only.
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { parseEnv } from 'node:util';
import { readProjectFile, UserFacingError } from './project.mjs';

/** Names of the server that npm start runs, the preferred one first. */
export const REDIS_PROGRAMS = ['valkey-server', 'redis-server'];
export const MISSING_REDIS =
  'There is no Redis or Valkey server on this machine: run "sudo apt-get install -y redis-server" (Debian, Ubuntu), ' +
  '"sudo dnf install -y valkey" (Fedora) or "brew install redis" (macOS), or set REDIS_URL to the URL of a Redis.';
export const MISSING_TOOLCHAIN =
  'python3, make or a C++ compiler is missing: run "sudo apt-get install -y python3 make g++" (Debian, Ubuntu), ' +
  '"sudo dnf install -y python3 make gcc-c++" (Fedora) or "xcode-select --install" (macOS).';

/** Whether a program runs. On macOS, /usr/bin has compilers that do not. @param {string} name */
const hasProgram = (name) => spawnSync(name, ['--version']).status === 0;

/** Whether this machine can compile better-sqlite3. */
export const hasToolchain = () => ['python3', 'make', 'c++'].every(hasProgram);

/** Whether this process can install packages of Debian or Ubuntu. */
export const canInstallPackages = () => process.getuid?.() === 0 && hasProgram('apt-get');

/**
 * Checks programs and ports, and throws one UserFacingError with all problems. Each start checks them again, in apps/cli.
 * @param {boolean} usesPorts whether the command uses the ports and the Redis of the settings
 */
export async function checkPrerequisites(usesPorts) {
  // An empty variable overrides the file, and counts as absent.
  const variables = Object.entries({ ...parseEnv(readProjectFile('.env')), ...process.env });
  const settings = Object.fromEntries(variables.filter(([, value]) => value !== ''));
  const problems = usesPorts ? await findPortProblems(settings) : [];
  const needsRedis = !(usesPorts && settings['REDIS_URL']) && !REDIS_PROGRAMS.some(hasProgram);
  if (needsRedis && !canInstallPackages()) problems.unshift(MISSING_REDIS);
  // A prebuilt binary may fit this Node; only its download shows that.
  const note = `If better-sqlite3 must be compiled, this stops the start: ${MISSING_TOOLCHAIN}`;
  if (!hasToolchain() && !canInstallPackages()) console.error(note);
  if (problems.length > 0) throw new UserFacingError(problems.join('\n'));
}

/** Invalid ports are skipped: the services report them. @param {Record<string, string | undefined>} settings */
async function findPortProblems({ HOST: host = '127.0.0.1', ...settings }) {
  const problems = [];
  for (const [, name = '', value] of readProjectFile('.env.example').matchAll(/^# (\w+_PORT)=(.*)$/gm)) {
    const port = Number(settings[name] ?? value);
    const code = port >= 1 && port <= 65_535 ? await tryListen(host, port) : undefined;
    const remedy = `free it, or set ${name} in the file .env.`;
    if (code) problems.push(`Port ${port} on ${host} cannot be used (${code}): ${remedy}`);
  }
  return problems;
}

/** @param {string} host @param {number} port @returns {Promise<string | undefined>} an error code if listening fails */
export const tryListen = (host, port) =>
  new Promise((resolve) => {
    const server = createServer();
    server.on('error', (/** @type {NodeJS.ErrnoException} */ { code }) => resolve(code));
    server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  });
