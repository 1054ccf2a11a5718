/** As package.json's `engines` says it. */
export const NODE_FLOOR = '20.19';

/**
 * @param {string} version of Node, as `process.versions.node` gives it
 * @returns {string | undefined} why this Node will not do, in a sentence
 */
export function unsuitableNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [floorMajor = 0, floorMinor = 0] = NODE_FLOOR.split('.').map(Number);
  if (major > floorMajor || (major === floorMajor && minor >= floorMinor)) return undefined;
  return `This is Node ${version}, and Node ${NODE_FLOOR} or newer is needed: install it from https://nodejs.org.`;
}
