/**
 * An entry of a [package-lock.json](https://docs.npmjs.com/cli/configuring-npm/package-lock-json), reduced to the
 * properties that are compared.
 *
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {string} [resolved] for a link: the folder in the project
 * @property {boolean} [link]
 * @property {boolean} [optional]
 * @property {boolean} [dev] only development needs it
 * @property {readonly string[]} [os]
 * @property {readonly string[]} [cpu]
 * @property {readonly string[]} [libc]
 *
 * @typedef {Readonly<Record<string, LockedPackage>>} LockedPackages by their path in the project
 *
 * @typedef {{ os: string, cpu: string }} Machine as in `process.platform` and `process.arch`
 */

/**
 * Selects the packages that must be installed on a machine.
 *
 * An optional package is required only if it names its operating system or CPU, as native binaries do, and the machine
 * matches. This detects packages that were installed on another system, for example in a folder shared with a
 * container. Packages for one C library are never required, since detecting the C library is not worth the effort.
 *
 * @param {LockedPackages} locked
 * @param {Machine} machine
 */
export function getRequiredPackages(locked, { os, cpu }) {
  return Object.entries(locked).filter(([path, entry]) => {
    if (path === '') return false;
    if (!entry.optional) return true;
    const isForOneMachine = entry.os !== undefined || entry.cpu !== undefined;
    return isForOneMachine && !entry.libc && allows(entry.os, os) && allows(entry.cpu, cpu);
  });
}

/**
 * Finds the packages that are not installed as the lock file says.
 *
 * @param {LockedPackages} locked from package-lock.json
 * @param {LockedPackages} installed from node_modules/.package-lock.json, which npm writes when it finishes
 * @param {Machine} machine
 * @returns {string[]} their paths
 */
export function findOutdatedPackages(locked, installed, machine) {
  const required = new Set(getRequiredPackages(locked, machine).map(([path]) => path));
  return Object.entries(locked)
    .filter(([path, wanted]) => {
      const present = installed[path];
      if (!present) return required.has(path);
      return (
        wanted.version !== present.version ||
        isDifferent(wanted.integrity, present.integrity) ||
        isLinkedDifferently(wanted, present)
      );
    })
    .map(([path]) => path);
}

/** Selects the packages that running the product needs. @param {LockedPackages} locked @returns {LockedPackages} */
export const getRuntimePackages = (locked) =>
  Object.fromEntries(Object.entries(locked).filter(([, { dev }]) => !dev));

/** @param {string | undefined} one @param {string | undefined} other */
const isDifferent = (one, other) => one !== undefined && other !== undefined && one !== other;

/** @param {LockedPackage} wanted @param {LockedPackage} present */
const isLinkedDifferently = (wanted, present) =>
  Boolean(wanted.link) !== Boolean(present.link) ||
  (wanted.link === true && wanted.resolved !== present.resolved);

/** @param {readonly string[] | undefined} list such as `["linux"]` or `["!win32"]` @param {string} value */
function allows(list, value) {
  if (!list || list.includes(value)) return true;
  return !list.includes(`!${value}`) && list.every((entry) => entry.startsWith('!'));
}
