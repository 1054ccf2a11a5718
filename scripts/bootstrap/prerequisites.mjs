// What this machine must have. It is checked before anything is installed, so this file imports modules of Node only.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROJECT_FOLDER, readDefaultSettings, readProjectJson, UserFacingError } from './project.mjs';

/** Names of the server that npm start runs, the preferred one first. */
export const REDIS_PROGRAMS = ['valkey-server', 'redis-server'];
export const MISSING_REDIS =
  'There is no Redis or Valkey server on this machine: run "sudo apt-get install -y redis-server" (Debian, Ubuntu), ' +
  '"sudo dnf install -y valkey" (Fedora) or "brew install redis" (macOS), or set REDIS_URL to the URL of a Redis.';
export const MISSING_TOOLCHAIN =
  'better-sqlite3 must be compiled, and python3, make or a C++ compiler is missing: run "sudo apt-get install -y ' +
  'python3 make g++" (Debian, Ubuntu), "sudo dnf install -y python3 make gcc-c++" (Fedora) or "xcode-select --install" (macOS).';
/** File in the data folder in which a start writes its `pid` and `url`. */
export const RUNNING_START_FILE = 'start.json';
/** Time for a port to become free: services stop by themselves after their start process is killed. */
const PORT_WAIT_MS = 2_000;

/** @typedef {Readonly<Record<string, string | undefined>>} Env */

/** Reads a variable. An empty one counts as absent. @param {Env} env @param {string} name */
const read = (env, name) => (env[name] === '' ? undefined : env[name]);

/** Whether one of these programs runs. On macOS, /usr/bin has compilers that do not. @param {string[]} names */
const hasProgram = (...names) => names.some((name) => spawnSync(name, ['--version']).status === 0);

/** Whether this machine can compile better-sqlite3. */
export const hasToolchain = () =>
  hasProgram('python3') && hasProgram('make', 'gmake') && hasProgram('c++', 'g++', 'clang++');

/** Whether this process can install packages of Debian or Ubuntu. */
export const canInstallPackages = () => process.getuid?.() === 0 && hasProgram('apt-get');

/**
 * Checks Node, programs and ports together.
 * @param {Env} env @param {{ nodeProblem?: string | undefined, checksPorts?: boolean | undefined }} options
 * @throws {UserFacingError} with all problems
 */
export async function checkPrerequisites(env, { nodeProblem, checksPorts }) {
  const problems = nodeProblem === undefined ? [] : [nodeProblem];
  if (!canInstallPackages()) {
    if (!(checksPorts && read(env, 'REDIS_URL')) && !hasProgram(...REDIS_PROGRAMS))
      problems.push(MISSING_REDIS);
    if (!hasToolchain() && (await mustCompileAddon(env))) problems.push(MISSING_TOOLCHAIN);
  }
  if (checksPorts) {
    const dataDir = read(env, 'DATA_DIR') ?? readDefaultSettings()['DATA_DIR'] ?? '';
    const running = describeRunningStart(resolve(PROJECT_FOLDER, dataDir));
    const portProblems = await findPortProblems(env, running === undefined ? PORT_WAIT_MS : 0);
    // Without a port in use, the process id belongs to another program now.
    if (running !== undefined && portProblems.length > 0) throw new UserFacingError(running);
    problems.push(...portProblems);
  }
  if (problems.length > 0) throw new UserFacingError(problems.join('\n'));
}

/** Describes the start that uses a data folder, if its process still exists. @param {string} dataDir */
export function describeRunningStart(dataDir) {
  try {
    /** @type {unknown} */
    const content = JSON.parse(readFileSync(join(dataDir, RUNNING_START_FILE), 'utf8'));
    const { pid, url } = /** @type {{ pid: number, url: string }} */ (content);
    process.kill(pid, 0);
    return `This installation already runs (pid ${pid}): ${url}. Stop it with Ctrl-C in its terminal.`;
  } catch {
    return undefined;
  }
}

/** The folder in which this user keeps compiled addons. @param {string} version of better-sqlite3 @param {Env} env */
export function getAddonCacheFolder(version, env) {
  const configured = env['XDG_CACHE_HOME'] ?? '';
  // The XDG specification ignores relative paths: https://specifications.freedesktop.org/basedir-spec/latest/
  const root = isAbsolute(configured) ? configured : join(homedir(), '.cache');
  return join(root, 'seguridad-abc', 'better-sqlite3', version);
}

/** Whether no addon of better-sqlite3 is cached (apps/cli does that) or published. @param {Env} env */
async function mustCompileAddon(env) {
  /** @type {{ packages: { 'node_modules/better-sqlite3': { version: string } } }} */
  const { packages } = readProjectJson('package-lock.json');
  const { version } = packages['node_modules/better-sqlite3'];
  if (existsSync(getAddonCacheFolder(version, env))) return false;
  const file = `better-sqlite3-v${version}-node-v${process.versions.modules}-${process.platform}-${process.arch}.tar.gz`;
  const url = `https://github.com/WiseLibs/better-sqlite3/releases/download/v${version}/${file}`;
  const request = fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(5_000) });
  return request.then(({ ok }) => !ok).catch(() => true);
}

/**
 * Finds the ports that cannot be used. Invalid settings are skipped: the services report them.
 * @param {Env} env @returns {Promise<string[]>} messages, and settings of free ports
 */
export async function findPortProblems(env, waitMs = PORT_WAIT_MS) {
  const host = read(env, 'HOST') ?? '127.0.0.1';
  const ports = Object.entries(readDefaultSettings())
    .filter(([setting]) => setting.endsWith('_PORT'))
    .map(([setting, port]) => ({ setting, port: Number(read(env, setting) ?? port) }))
    .filter(({ port }) => port >= 1 && port <= 65_535);
  const codes = await Promise.all(ports.map(({ port }) => tryListen(host, port, waitMs)));
  let next = Math.max(...ports.map(({ port }) => port));
  const messages = [];
  const free = [];
  for (const [index, { setting, port }] of ports.entries()) {
    const isInUse = codes[index] === 'EADDRINUSE';
    const problem = isInUse ? `is in use by ${findPortHolder(port)}` : `fails (${codes[index] ?? ''})`;
    if (codes[index]) messages.push(`Port ${port} on ${host} (${setting}) ${problem}.`);
    if (!isInUse) continue;
    do next++;
    while (await tryListen(host, next));
    free.push(`${setting}=${next}`);
  }
  const hint = 'Stop what uses these ports, or set free ones in the file .env, which all commands read:';
  return free.length > 0 ? [...messages, hint, ...free] : messages;
}

/** @param {string} host @param {number} port @returns {Promise<string | undefined>} an error code if listening fails */
export async function tryListen(host, port, waitMs = 0) {
  const server = createServer();
  const code = await new Promise((/** @type {(code?: string) => void} */ resolve) => {
    server.on('error', (/** @type {NodeJS.ErrnoException} */ error) => resolve(error.code ?? error.message));
    server.listen({ host, port }, () => server.close(() => resolve()));
  });
  if (code !== 'EADDRINUSE' || waitMs <= 0) return code;
  await sleep(100);
  return tryListen(host, port, waitMs - 100);
}

/** Names the program that listens on a port, if ss (Linux) or lsof (macOS) shows it. @param {number} port */
function findPortHolder(port) {
  const { stdout: ss } = spawnSync('ss', ['-Hltnp', `sport = :${port}`], { encoding: 'utf8' });
  const { stdout: lsof } = spawnSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], {
    encoding: 'utf8',
  });
  const match = /"(?<name>[^"]+)",pid=(?<pid>\d+)/.exec(ss) ?? /^p(?<pid>\d+)\nc(?<name>.+)/.exec(lsof);
  const { name = '', pid = '' } = match?.groups ?? {};
  return match ? `${name} (pid ${pid})` : 'another program, which this user cannot see';
}
