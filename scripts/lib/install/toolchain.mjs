import { onPath } from '../command.mjs';

/** What compiling a native package takes, by what a person calls it: any one program of a list will do. */
const TOOLS = {
  python3: ['python3', 'python'],
  make: ['make', 'gmake'],
  'a C++ compiler': ['c++', 'g++', 'clang++'],
};

const HOW =
  'on Debian or Ubuntu run apt-get install -y python3 make g++, on Fedora dnf install -y python3 make gcc-c++, ' +
  'on macOS xcode-select --install';

/**
 * @param {(names: readonly string[]) => string | undefined} find
 * @returns {string | undefined} a sentence that says what compiling lacks on this machine
 */
export function missingToolchain(find = onPath) {
  const missing = Object.entries(TOOLS)
    .filter(([, programs]) => find(programs) === undefined)
    .map(([name]) => name);
  if (missing.length === 0) return undefined;
  const list = missing.join(', ').replace(/, ([^,]*)$/, ' and $1');
  return `better-sqlite3 has to be compiled on this machine, which lacks ${list}: ${HOW}, and start again.`;
}
