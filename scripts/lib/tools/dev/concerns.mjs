/**
 * @typedef {object} Concern what a change asks for
 * @property {boolean} generate whether the supergraph and the resolvers' types must be made anew
 * @property {readonly string[]} services that must be started again
 */

/** @typedef {Readonly<Record<string, readonly string[]>>} Dependents services by the package that they are made of */

const GATEWAY = 'gateway';
const SOURCE = /^(apps|packages)\/([^/]+)\/src\/(.+)$/;
const SCHEMA = /^apps\/([^/]+)\/schema\.graphql$/;
const SUPERGRAPH = 'supergraph.yaml';

/**
 * @param {string} path of the file that has changed, from the project's folder
 * @param {Dependents} dependents
 * @returns {Concern | undefined} nothing where no service is made of it
 */
export function concernOf(path, dependents) {
  if (path === SUPERGRAPH) return { generate: true, services: [GATEWAY] };
  const [, app] = SCHEMA.exec(path) ?? [];
  if (app !== undefined) return { generate: true, services: [app, GATEWAY] };
  const [, kind, name = '', file = ''] = SOURCE.exec(path) ?? [];
  if (!isBuilt(file)) return undefined;
  return { generate: false, services: kind === 'apps' ? [name] : (dependents[name] ?? []) };
}

/** Not tests and what they use, not what is generated here, not the files that editors lay beside. @param {string} file */
const isBuilt = (file) =>
  /^(?!testing\/).*\.ts$/.test(file) &&
  !file.endsWith('.test.ts') &&
  !/(^|\/)(\..*|generated\.ts)$/.test(file);
