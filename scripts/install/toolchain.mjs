import { findOnPath } from '../shared/run-command.mjs';

/** What node-gyp needs, by its name for users; any program of a list is enough. */
const TOOLCHAIN = {
  python3: { programs: ['python3', 'python'], aptPackage: 'python3' },
  make: { programs: ['make', 'gmake'], aptPackage: 'make' },
  'a C++ compiler': { programs: ['c++', 'g++', 'clang++'], aptPackage: 'g++' },
};

/** The packages of Debian with these programs. */
export const TOOLCHAIN_APT_PACKAGES = Object.values(TOOLCHAIN).map(({ aptPackage }) => aptPackage);

const TOOLCHAIN_HELP =
  `On Debian or Ubuntu run "sudo apt-get install -y ${TOOLCHAIN_APT_PACKAGES.join(' ')}", ` +
  'on Fedora "sudo dnf install -y python3 make gcc-c++", on macOS "xcode-select --install"; then start again.';

/**
 * Describes which programs for compiling a native addon are missing.
 *
 * @param {(names: readonly string[]) => string | undefined} find
 * @returns {string | undefined} a message, if one is missing
 */
export function describeMissingToolchain(find = findOnPath) {
  const missing = Object.entries(TOOLCHAIN)
    .filter(([, { programs }]) => find(programs) === undefined)
    .map(([name]) => name);
  if (missing.length === 0) return undefined;
  const list = missing.join(', ').replace(/, ([^,]*)$/, ' and $1');
  return `better-sqlite3 must be compiled on this machine, and ${list} cannot be found. ${TOOLCHAIN_HELP}`;
}
