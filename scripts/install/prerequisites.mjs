import { UserFacingError } from '../shared/errors.mjs';
import { findPortProblems } from '../shared/ports.mjs';
import { askYesNo, isInteractive } from './ask-user.mjs';
import { createAptInstaller, mayInstall } from './program-installer.mjs';
import { describeMissingRedis, findRedisProgram, REDIS_APT_PACKAGE } from './redis-program.mjs';
import { findSqliteAddonProblem, isToolchainMissing } from './sqlite-addon.mjs';
import { describeMissingToolchain, TOOLCHAIN_APT_PACKAGES } from './toolchain.mjs';

/** @typedef {import('./program-installer.mjs').ProgramInstaller} ProgramInstaller */
/** @typedef {import('../shared/installation-settings.mjs').InstallationSettings} InstallationSettings */
/** @typedef {import('../shared/ports.mjs').PortProblem} PortProblem */

/**
 * @typedef {object} MissingProgram
 * @property {string} message what is missing, and how to install it
 * @property {readonly string[]} aptPackages
 */

/**
 * Checks everything that a start needs from this machine, before anything is installed: ports, a Redis server and, if
 * better-sqlite3 must be compiled, a compiler. A person at the terminal is asked how to solve what can be solved.
 *
 * @param {object} options
 * @param {InstallationSettings} options.settings
 * @param {string | undefined} options.nodeProblem reported together with the others
 * @param {AbortSignal} options.signal
 * @returns {Promise<{ ports: InstallationSettings['ports'], installer: ProgramInstaller | undefined }>} the ports to use,
 *   and what installs the missing programs
 * @throws {UserFacingError} with all problems
 */
export async function checkPrerequisites({ settings, nodeProblem, signal }) {
  const [missing, portProblems] = await Promise.all([
    findMissingPrograms(settings, signal),
    findPortProblems(settings.host, settings.ports),
  ]);
  const packages = missing.flatMap(({ aptPackages }) => aptPackages);
  const installer = packages.length > 0 ? createAptInstaller(packages, 'install them yourself') : undefined;
  const freePorts = getFreePorts(portProblems);
  const unsolved = [
    ...(nodeProblem === undefined ? [] : [nodeProblem]),
    ...portProblems.filter(({ freePort }) => freePort === undefined).map(({ message }) => message),
    ...(installer ? [] : missing.map(({ message }) => message)),
  ];
  if (unsolved.length > 0 || (freePorts.length > 0 && !isInteractive())) {
    throw new UserFacingError([...unsolved, ...describePortsInUse(portProblems)].join('\n'));
  }
  if (freePorts.length > 0) await askForFreePorts(portProblems, signal);
  if (installer && !(await mayInstall(installer, signal))) {
    throw new UserFacingError(missing.map(({ message }) => message).join('\n'));
  }
  return { ports: { ...settings.ports, ...Object.fromEntries(freePorts) }, installer };
}

/**
 * @param {InstallationSettings} settings
 * @param {AbortSignal} signal
 * @returns {Promise<MissingProgram[]>}
 */
async function findMissingPrograms({ redisUrl }, signal) {
  /** @type {MissingProgram[]} */
  const missing = [];
  if (redisUrl === undefined && findRedisProgram() === undefined) {
    missing.push({ message: describeMissingRedis(), aptPackages: [REDIS_APT_PACKAGE] });
  }
  const toolchain = describeMissingToolchain();
  if (
    toolchain !== undefined &&
    (await findSqliteAddonProblem(signal)) !== undefined &&
    (await isToolchainMissing(signal))
  ) {
    missing.push({ message: toolchain, aptPackages: TOOLCHAIN_APT_PACKAGES });
  }
  return missing;
}

/** @param {readonly PortProblem[]} problems @returns {[setting: string, port: string][]} */
const getFreePorts = (problems) =>
  problems.flatMap(({ setting, freePort }) => (freePort === undefined ? [] : [[setting, freePort]]));

/**
 * @param {readonly PortProblem[]} problems
 * @returns {string[]} lines; none if no port is in use
 */
export function describePortsInUse(problems) {
  const freePorts = getFreePorts(problems);
  if (freePorts.length === 0) return [];
  const variables = freePorts.map(([setting, port]) => `${setting}=${port}`).join(' ');
  return [
    ...problems.filter(({ freePort }) => freePort !== undefined).map(({ message }) => message),
    `Stop what uses ${freePorts.length === 1 ? 'this port' : 'these ports'}, or run: ${variables} npm start`,
  ];
}

/** @param {readonly PortProblem[]} problems @param {AbortSignal} signal @throws {UserFacingError} if the answer is no */
async function askForFreePorts(problems, signal) {
  for (const { message } of problems) console.log(message);
  const ports = getFreePorts(problems)
    .map(([setting, port]) => `${port} for ${setting}`)
    .join(', ');
  if (await askYesNo(`Use ${ports} instead?`, signal)) return;
  throw new UserFacingError(describePortsInUse(problems).at(-1) ?? '');
}
