// The scripts load this file first. It must load on any Node, before anything is installed.

/** Oldest supported version of Node, the same as in `engines` of package.json. */
export const MIN_NODE_VERSION = '20.19';

/** Describes a version of Node that is too old. @param {string} version */
export function describeUnsupportedNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [minMajor = 0, minMinor = 0] = MIN_NODE_VERSION.split('.').map(Number);
  if (major > minMajor || (major === minMajor && minor >= minMinor)) return undefined;
  return `Node ${version} is too old: install Node ${MIN_NODE_VERSION} or newer from https://nodejs.org.`;
}

/**
 * Runs a script, and prints an expected error as its message. An old Node cannot load the script's modules.
 * @param {(nodeProblem: string | undefined) => Promise<unknown>} main
 */
export function runScript(main) {
  const nodeProblem = describeUnsupportedNode(process.versions.node);
  main(nodeProblem).catch((/** @type {unknown} */ error) => {
    const isExpected = error instanceof Error && error.name === 'UserFacingError';
    console.error(isExpected ? error.message : (nodeProblem ?? error));
    process.exitCode = 1;
  });
}
