import { EventEmitter, once } from 'node:events';
import { existsSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROJECT_FOLDER, readProjectJson } from '../../shared/project-files.mjs';

/**
 * Watches the source files of packages and apps, the schemas, and supergraph.yaml.
 *
 * @param {string} root the project's folder
 * @param {(path: string) => void} onChange receives each changed file, relative to `root`, possibly more than once
 * @returns {() => void} stops watching
 */
export function watchSourceFiles(root, onChange) {
  const members = ['packages', 'apps'].flatMap((kind) =>
    readdirSync(join(root, kind)).map((name) => join(kind, name)),
  );
  const sourceFolders = members
    .map((member) => join(member, 'src'))
    .filter((folder) => existsSync(join(root, folder)));
  const watchers = [
    ...sourceFolders.map((folder) => ({ folder, recursive: true })),
    ...['', ...members].map((folder) => ({ folder, recursive: false })),
  ].map(({ folder, recursive }) =>
    watch(join(root, folder), { recursive }, (_event, file) => {
      if (file !== null) onChange(join(folder, file));
    }),
  );
  return () => {
    for (const watcher of watchers) watcher.close();
  };
}

/** Editors and git write several files within this time. */
const BATCH_QUIET_MS = 200;

/** Creates a queue that returns changed paths in batches, once no path has been added for `quietMs`. */
export function createChangeBatches(quietMs = BATCH_QUIET_MS) {
  const additions = new EventEmitter();
  /** @type {Set<string>} */
  let paths = new Set();
  return {
    /** @param {string} path */
    add(path) {
      paths.add(path);
      additions.emit('path');
    },
    /**
     * @param {AbortSignal} signal
     * @returns {Promise<string[]>} the paths added since the last batch, at least one
     * @throws an AbortError after an abort
     */
    async takeNext(signal) {
      if (paths.size === 0) await once(additions, 'path', { signal });
      for (let size = 0; size < paths.size;) {
        size = paths.size;
        await sleep(quietMs, undefined, { signal });
      }
      const batch = [...paths];
      paths = new Set();
      return batch;
    },
  };
}

/**
 * @typedef {object} ChangeEffect what a changed file requires
 * @property {boolean} needsGenerate whether the supergraph and the resolver types must be generated
 * @property {readonly string[]} services that must restart
 *
 * @typedef {Readonly<Record<string, readonly string[]>>} DependentServices services by the package that they depend on
 */

const GATEWAY = 'gateway';
const SUPERGRAPH_CONFIG = 'supergraph.yaml';
const SOURCE_PATTERN = /^(apps|packages)\/([^/]+)\/src\/(.+)$/;
const SCHEMA_PATTERN = /^apps\/([^/]+)\/schema\.graphql$/;

/**
 * @param {string} path of the changed file, relative to the project's folder
 * @param {DependentServices} dependents
 * @returns {ChangeEffect | undefined} undefined if no service is built from the file
 */
export function getChangeEffect(path, dependents) {
  if (path === SUPERGRAPH_CONFIG) return { needsGenerate: true, services: [GATEWAY] };
  const [, app] = SCHEMA_PATTERN.exec(path) ?? [];
  // The gateway notices the changed schema by itself.
  if (app !== undefined) return { needsGenerate: true, services: [app] };
  const [, kind, name = '', file = ''] = SOURCE_PATTERN.exec(path) ?? [];
  if (!isBuiltFile(file)) return undefined;
  return { needsGenerate: false, services: kind === 'apps' ? [name] : (dependents[name] ?? []) };
}

/** Excludes tests and their helpers, generated files, and temporary files of editors. @param {string} file */
const isBuiltFile = (file) =>
  /^(?!testing\/).*\.ts$/.test(file) &&
  !file.endsWith('.test.ts') &&
  !/(^|\/)(\..*|generated\.ts)$/.test(file);

/** @typedef {{ name: string, dependencies?: Readonly<Record<string, string>> }} Manifest */

/** @returns {DependentServices} from the package.json files of packages and apps */
export function readDependentServices() {
  const manifests = new Map(['packages', 'apps'].flatMap(readManifests));
  const apps = readdirSync(join(PROJECT_FOLDER, 'apps'));
  const folderByPackage = new Map([...manifests].map(([folder, { name }]) => [name, folder]));

  /** @param {string} folder @returns {string[]} folders of its direct and indirect dependencies */
  const getDependencies = (folder) =>
    Object.keys(manifests.get(folder)?.dependencies ?? {}).flatMap((name) => {
      const dependency = folderByPackage.get(name);
      return dependency === undefined ? [] : [dependency, ...getDependencies(dependency)];
    });
  return Object.fromEntries(
    readdirSync(join(PROJECT_FOLDER, 'packages')).map((name) => [
      name,
      apps.filter((app) => getDependencies(app).includes(name)),
    ]),
  );
}

/** @param {string} parent @returns {[folder: string, manifest: Manifest][]} */
const readManifests = (parent) =>
  readdirSync(join(PROJECT_FOLDER, parent)).map((folder) => [
    folder,
    /** @type {Manifest} */ (readProjectJson(join(parent, folder, 'package.json'))),
  ]);
