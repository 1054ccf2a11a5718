// What this machine must have. It is checked before anything is installed, so this file imports modules of Node only.
import { accessSync, constants, existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROJECT_FOLDER, UserFacingError } from './project.mjs';

/** Time for a port to become free: services stop by themselves after their start process is killed. */
const PORT_WAIT_MS = 2_000;
const REDIS_PROGRAMS = ['valkey-server', 'redis-server'];
const MISSING_REDIS =
  'There is no Redis or Valkey server on this machine: run "sudo apt-get install -y redis-server" (Debian, Ubuntu), ' +
  '"sudo dnf install -y valkey" (Fedora) or "brew install redis" (macOS), or set REDIS_URL to the URL of a Redis.';
const MISSING_TOOLCHAIN =
  'better-sqlite3 must be compiled, and python3, make or a C++ compiler is missing: run "sudo apt-get install -y ' +
  'python3 make g++" (Debian, Ubuntu), "sudo dnf install -y python3 make gcc-c++" (Fedora) or "xcode-select --install" (macOS).';

/** @typedef {Record<string, string | undefined>} Env */

/** @param {readonly string[]} names alternatives, the preferred one first @returns {string | undefined} a path */
export const findOnPath = (names, path = process.env['PATH'] ?? '') =>
  names
    .flatMap((name) => path.split(delimiter).flatMap((folder) => (folder ? [join(folder, name)] : [])))
    .find((file) => attempt(() => (accessSync(file, constants.X_OK), true), false));

export const findRedisProgram = () => findOnPath(REDIS_PROGRAMS);
export const describeMissingRedis = () => (findRedisProgram() === undefined ? MISSING_REDIS : undefined);

/** Describes what is missing to compile better-sqlite3. */
export const describeMissingToolchain = () =>
  [['python3'], ['make', 'gmake'], ['c++', 'g++', 'clang++']].every((names) => findOnPath(names))
    ? undefined
    : MISSING_TOOLCHAIN;

/** @returns {string | undefined} the path of apt-get, on Debian and its derivatives */
export const findAptGet = () => (existsSync('/etc/debian_version') ? findOnPath(['apt-get']) : undefined);

/** Whether this process can install packages of Debian. */
export const canInstallPackages = () => findAptGet() !== undefined && process.getuid?.() === 0;

/**
 * Checks Node, programs and ports together. A person at the terminal can accept other ports, which `env` gets.
 * @param {Env} env @param {{ nodeProblem?: string | undefined, checksPorts?: boolean | undefined }} options
 * @throws {UserFacingError} with all problems
 */
export async function checkPrerequisites(env, { nodeProblem, checksPorts }) {
  const missing = [
    checksPorts && read(env, 'REDIS_URL') !== undefined ? undefined : describeMissingRedis(),
    describeMissingToolchain() && (await mustCompileAddon(env)) ? MISSING_TOOLCHAIN : undefined,
  ];
  const problems = [nodeProblem, ...(canInstallPackages() ? [] : missing)].filter(Boolean);
  const { messages, free } = checksPorts ? await findPortProblems(env) : { messages: [], free: {} };
  const ports = Object.entries(free).map(([setting, port]) => `${setting}=${port}`);
  const these = ports.length === 1 ? 'this port' : 'these ports';
  const hint = ports.length > 0 ? [`Stop what uses ${these}, or run: ${ports.join(' ')} npm start`] : [];
  if (problems.length + messages.length === 0) return;
  const isAskable = problems.length === 0 && messages.length === ports.length;
  if (!isAskable || !process.stdin.isTTY || !process.stdout.isTTY) {
    throw new UserFacingError([...problems, ...messages, ...hint].join('\n'));
  }
  console.log(messages.join('\n'));
  const offer = Object.entries(free).map(([setting, port]) => `${port} for ${setting}`);
  if (!(await askYesNo(`Use ${offer.join(', ')} instead?`))) throw new UserFacingError(hint.join());
  Object.assign(env, free);
}

/** An empty variable counts as absent. @param {Env} env @param {string} name */
const read = (env, name) => (env[name] === '' ? undefined : env[name]);

/** Asks a question at the terminal; Enter means yes. @param {string} question @param {AbortSignal} [signal] */
export async function askYesNo(question, signal = new AbortController().signal) {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // The terminal is in raw mode while it is read, so Ctrl-C arrives here instead of as a signal.
  terminal.on('SIGINT', () => void process.kill(process.pid, 'SIGINT'));
  const answer = await terminal.question(`${question} [Y/n] `, { signal }).finally(() => terminal.close());
  return /^(y|yes|)$/i.test(answer.trim());
}

/** Whether no addon of better-sqlite3 is installed, cached (apps/cli fills the cache) or published. @param {Env} env */
async function mustCompileAddon(env) {
  const lock = readFileSync(join(PROJECT_FOLDER, 'package-lock.json'), 'utf8');
  const version = /"node_modules\/better-sqlite3": \{\s*"version": "([^"]+)"/.exec(lock)?.[1] ?? '';
  const installed = join(PROJECT_FOLDER, 'node_modules', 'better-sqlite3', 'build', 'Release');
  const cache = join(
    read(env, 'XDG_CACHE_HOME') ?? join(homedir(), '.cache'),
    'seguridad-abc',
    'better-sqlite3',
    version,
  );
  if (existsSync(installed) || existsSync(cache)) return false;
  const file = `better-sqlite3-v${version}-node-v${process.versions.modules}-${process.platform}-${process.arch}.tar.gz`;
  const url = `https://github.com/WiseLibs/better-sqlite3/releases/download/v${version}/${file}`;
  const request = fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(5_000) });
  return request.then(({ ok }) => !ok).catch(() => true);
}

/**
 * Finds the ports that cannot be used. Invalid settings are skipped: the services report them.
 * @param {Env} env
 * @returns {Promise<{ messages: string[], free: Record<string, string> }>} `free`: ports to use instead of those in use
 */
export async function findPortProblems(env, waitMs = PORT_WAIT_MS) {
  const example = readFileSync(join(PROJECT_FOLDER, '.env.example'), 'utf8');
  const host = read(env, 'HOST') ?? '127.0.0.1';
  const ports = [...example.matchAll(/^# (\w+_PORT)=(\d+)$/gm)]
    .map(([, setting = '', port]) => ({ setting, port: Number(read(env, setting) ?? port) }))
    .filter(({ port }) => port >= 1 && port <= 65_535);
  const codes = await Promise.all(ports.map(({ port }) => tryListen(host, port, waitMs)));
  const taken = new Set(ports.map(({ port }) => port));
  /** @type {{ messages: string[], free: Record<string, string> }} */
  const problems = { messages: [], free: {} };
  for (const [index, { setting, port }] of ports.entries()) {
    const same = ports.slice(0, index).find((other) => other.port === port);
    if (same)
      problems.messages.push(`${same.setting} and ${setting} are both ${port}: give each its own port.`);
    if (same || codes[index] === undefined) continue;
    if (codes[index] === 'EADDRINUSE') {
      let next = port + 1;
      while (taken.has(next) || (await tryListen(host, next)) !== undefined) next++;
      taken.add(next);
      problems.free[setting] = String(next);
    }
    const reason =
      codes[index] === 'EADDRINUSE' ? `is in use by ${findPortHolder(port)}` : `fails (${codes[index]})`;
    problems.messages.push(`Port ${port} on ${host} (${setting}) ${reason}.`);
  }
  return problems;
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

/** @param {number} port @returns {string} the program that listens on it, if /proc shows it */
function findPortHolder(port) {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const sockets = ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((file) => attempt(() => readFileSync(file, 'utf8'), '').split('\n'))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address = '', , state]) => state === '0A' && address.endsWith(suffix))
    .map((columns) => `socket:[${columns[9] ?? ''}]`);
  const list = (/** @type {string} */ folder) => attempt(() => readdirSync(folder), []);
  const holdsSocket = (/** @type {string} */ link) => sockets.includes(attempt(() => readlinkSync(link), ''));
  const pid = list('/proc').find((id) =>
    list(`/proc/${id}/fd`).some((fd) => holdsSocket(`/proc/${id}/fd/${fd}`)),
  );
  if (pid === undefined) return 'another program, which this user cannot see';
  return `${attempt(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim(), 'a program')} (pid ${pid})`;
}

/** @template T @param {() => T} run @param {T} fallback @returns {T} the fallback if reading fails */
function attempt(run, fallback) {
  try {
    return run();
  } catch {
    return fallback;
  }
}
