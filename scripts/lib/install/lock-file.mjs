/**
 * What a lock file says of a package, as far as it matters here.
 *
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {string} [resolved] of a link: the folder in the project
 * @property {boolean} [link]
 * @property {boolean} [optional]
 * @property {readonly string[]} [os]
 * @property {readonly string[]} [cpu]
 * @property {readonly string[]} [libc]
 *
 * @typedef {Readonly<Record<string, LockedPackage>>} Packages by their path in the project
 *
 * @typedef {{ os: string, cpu: string }} Platform as `process.platform` and `process.arch` give them
 */

/**
 * The packages that have to be installed on this platform.
 *
 * An optional package may be absent. It must be there only where it says that it is made for this platform, as a
 * compiled part is: so packages installed for another system (a folder shared with a container) are noticed. Which C
 * library a machine has is not worth finding out for that.
 *
 * @param {Packages} locked
 * @param {Platform} platform
 */
export function requiredPackages(locked, { os, cpu }) {
  return Object.entries(locked).filter(([path, entry]) => {
    if (path === '') return false;
    if (!entry.optional) return true;
    const tied = entry.os !== undefined || entry.cpu !== undefined;
    return tied && !entry.libc && covers(entry.os, os) && covers(entry.cpu, cpu);
  });
}

/**
 * Paths of packages that are not installed as the lock file says.
 *
 * @param {Packages} locked of package-lock.json
 * @param {Packages} installed of node_modules/.package-lock.json, which npm writes when it is done
 * @param {Platform} platform
 */
export function outOfDate(locked, installed, platform) {
  const required = new Set(requiredPackages(locked, platform).map(([path]) => path));
  return Object.entries(locked)
    .filter(([path, wanted]) => {
      const present = installed[path];
      if (!present) return required.has(path);
      return (
        wanted.version !== present.version ||
        differs(wanted.integrity, present.integrity) ||
        relinked(wanted, present)
      );
    })
    .map(([path]) => path);
}

/** @param {string | undefined} one @param {string | undefined} other */
const differs = (one, other) => one !== undefined && other !== undefined && one !== other;

/** @param {LockedPackage} wanted @param {LockedPackage} present */
const relinked = (wanted, present) =>
  Boolean(wanted.link) !== Boolean(present.link) ||
  (wanted.link === true && wanted.resolved !== present.resolved);

/** @param {readonly string[] | undefined} list such as `["linux"]` or `["!win32"]` @param {string} value */
function covers(list, value) {
  if (!list || list.includes(value)) return true;
  return !list.includes(`!${value}`) && list.every((entry) => entry.startsWith('!'));
}
