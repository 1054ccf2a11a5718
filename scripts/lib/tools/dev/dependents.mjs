import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../../read-json.mjs';
import { ROOT } from '../../root.mjs';

/** @typedef {{ name: string, dependencies?: Readonly<Record<string, string>> }} Manifest */

/** @returns {import('./concerns.mjs').Dependents} as the manifests of packages and apps have it */
export function readDependents() {
  const manifests = new Map(['packages', 'apps'].flatMap(manifestsIn));
  const apps = readdirSync(join(ROOT, 'apps'));
  const folders = [...manifests].map(([folder, { name }]) => [name, folder]);
  /** @type {Map<string, string>} */
  const folderOf = new Map(/** @type {[string, string][]} */ (folders));

  /** @param {string} folder @returns {string[]} packages that it is made of, also through others */
  const madeOf = (folder) =>
    Object.keys(manifests.get(folder)?.dependencies ?? {}).flatMap((name) => {
      const direct = folderOf.get(name);
      return direct === undefined ? [] : [direct, ...madeOf(direct)];
    });
  return Object.fromEntries(
    readdirSync(join(ROOT, 'packages')).map((name) => [
      name,
      apps.filter((app) => madeOf(app).includes(name)),
    ]),
  );
}

/** @param {string} kind @returns {[folder: string, Manifest][]} */
const manifestsIn = (kind) =>
  readdirSync(join(ROOT, kind)).map((folder) => [
    folder,
    /** @type {Manifest} */ (readJson(join(kind, folder, 'package.json'))),
  ]);
