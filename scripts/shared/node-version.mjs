/** Oldest supported version of Node, the same as in `engines` of package.json. */
export const MIN_NODE_VERSION = '20.19';

/**
 * Checks a version of Node. This file must load on any Node, without dependencies.
 *
 * @param {string} version as in `process.versions.node`
 * @returns {string | undefined} a message if this version is too old
 */
export function describeUnsupportedNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [minMajor = 0, minMinor = 0] = MIN_NODE_VERSION.split('.').map(Number);
  if (major > minMajor || (major === minMajor && minor >= minMinor)) return undefined;
  return `Node ${version} is too old: install Node ${MIN_NODE_VERSION} or newer from https://nodejs.org.`;
}
