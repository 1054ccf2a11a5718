import { existsSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';

/**
 * Watches what services are made of: the sources of packages and apps, schemas, and the files beside them.
 *
 * @param {string} root the project's folder
 * @param {(path: string) => void} onChange told each file that has changed, from `root`, perhaps more than once
 * @returns {() => void} what ends it
 */
export function watchSources(root, onChange) {
  const members = ['packages', 'apps'].flatMap((kind) =>
    readdirSync(join(root, kind)).map((name) => join(kind, name)),
  );
  const sources = members
    .map((member) => join(member, 'src'))
    .filter((folder) => existsSync(join(root, folder)));
  const watchers = [
    ...sources.map((folder) => ({ folder, recursive: true })),
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
