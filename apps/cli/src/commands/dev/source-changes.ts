import { EventEmitter, once } from 'node:events';
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { SERVICES } from '../../shared/installation-settings.js';
import { PROJECT_FOLDER } from '../../shared/bootstrap.js';

/**
 * Watches the source files of packages and apps, the schemas, and supergraph.yaml.
 * @param root the project's folder
 * @param onChange receives each changed file, relative to `root`, possibly more than once
 * @returns stops watching
 */
export function watchSourceFiles(root: string, onChange: (path: string) => void): () => void {
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

/** A queue that returns changed paths in batches. */
export interface ChangeBatches {
  add(path: string): void;
  /**
   * Resolves with the paths added since the last batch, at least one, once no path has been added for a short time.
   * @throws an AbortError after an abort
   */
  takeNext(signal: AbortSignal): Promise<readonly string[]>;
}

export function createChangeBatches(quietMs = BATCH_QUIET_MS): ChangeBatches {
  const additions = new EventEmitter();
  let paths = new Set<string>();
  return {
    add(path) {
      paths.add(path);
      additions.emit('path');
    },
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

/** What a changed file requires. */
export interface ChangeEffect {
  /** Whether the supergraph and the resolver types must be generated. */
  readonly needsGenerate: boolean;
  /** The services that must restart. */
  readonly services: readonly string[];
}

/** Services by the package that they depend on. */
export type DependentServices = Readonly<Record<string, readonly string[]>>;

const SERVICE_NAMES: readonly string[] = SERVICES.map(({ name }) => name);
const GATEWAY = 'gateway';
const SUPERGRAPH_CONFIG = 'supergraph.yaml';
const SOURCE_PATTERN = /^(apps|packages)\/([^/]+)\/src\/(.+)$/;
const SCHEMA_PATTERN = /^apps\/([^/]+)\/schema\.graphql$/;

/**
 * @param path of the changed file, relative to the project's folder
 * @returns undefined if no service is built from the file
 */
export function getChangeEffect(path: string, dependents: DependentServices): ChangeEffect | undefined {
  if (path === SUPERGRAPH_CONFIG) return { needsGenerate: true, services: [GATEWAY] };
  const [, app] = SCHEMA_PATTERN.exec(path) ?? [];
  // The gateway notices the changed schema by itself.
  if (app !== undefined) return { needsGenerate: true, services: [app] };
  const [, kind, name = '', file = ''] = SOURCE_PATTERN.exec(path) ?? [];
  if (!isBuiltFile(file)) return undefined;
  if (kind === 'packages') return { needsGenerate: false, services: dependents[name] ?? [] };
  return SERVICE_NAMES.includes(name) ? { needsGenerate: false, services: [name] } : undefined;
}

/** Excludes tests and their helpers, generated files, and temporary files of editors. */
const isBuiltFile = (file: string): boolean =>
  /^(?!testing\/).*\.ts$/.test(file) &&
  !file.endsWith('.test.ts') &&
  !/(^|\/)(\..*|generated\.ts)$/.test(file);

const manifestSchema = z.object({
  name: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
});

/** Reads which services depend on which package from the package.json files. */
export function readDependentServices(): DependentServices {
  const packageNames = readdirSync(join(PROJECT_FOLDER, 'packages'));
  const manifests = new Map([
    ...packageNames.map((name) => [name, readManifest('packages', name)] as const),
    ...SERVICE_NAMES.map((name) => [name, readManifest('apps', name)] as const),
  ]);
  const folderByPackage = new Map([...manifests].map(([folder, { name }]) => [name, folder]));

  /** Folders of the direct and indirect dependencies. */
  const getDependencies = (folder: string): readonly string[] =>
    Object.keys(manifests.get(folder)?.dependencies ?? {}).flatMap((name) => {
      const dependency = folderByPackage.get(name);
      return dependency === undefined ? [] : [dependency, ...getDependencies(dependency)];
    });
  return Object.fromEntries(
    packageNames.map((name) => [
      name,
      SERVICE_NAMES.filter((service) => getDependencies(service).includes(name)),
    ]),
  );
}

const readManifest = (kind: 'packages' | 'apps', folder: string) =>
  manifestSchema.parse(JSON.parse(readFileSync(join(PROJECT_FOLDER, kind, folder, 'package.json'), 'utf8')));
