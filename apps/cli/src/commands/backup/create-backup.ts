import { chmod, copyFile, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  copySqliteFile,
  findSqliteDamage,
  openDatabaseFile,
  readInstallationSecret,
} from '@seguridad-abc/platform/installation';
import { getErrorMessage, UserFacingError } from '../../shared/errors.js';
import type { InstallationSettings } from '../../shared/installation-settings.js';
import { readAuditAnchor, readLogEnd, readReadModelPlace } from './database-places.js';
import {
  createManifest,
  createSecretCheck,
  DATABASE_NAMES,
  getDatabaseFile,
  hashFile,
  MANIFEST_FILE,
  SECRET_FILES,
  type BackupFile,
  type BackupManifest,
} from './backup-manifest.js';

const OWNER_ONLY_FILE_MODE = 0o600;
const OWNER_ONLY_FOLDER_MODE = 0o700;

export interface BackupOptions {
  readonly settings: Pick<InstallationSettings, 'dataDir' | 'identity'>;
  /** The absolute path of the folder to create. */
  readonly folder: string;
  /** Whether the secrets in the data folder are copied too. */
  readonly withSecrets: boolean;
  readonly version: string;
  readonly now: () => Date;
}

/**
 * Backs up the databases of an installation. Its services may run. The folder appears when the backup is complete and on disk.
 * @throws UserFacingError if the folder holds something, or if a database is missing or damaged
 */
export async function createBackup(options: BackupOptions): Promise<BackupManifest> {
  const { settings, folder, withSecrets, version, now } = options;
  await assertFolderIsFree(folder);
  if (!existsSync(join(settings.dataDir, getDatabaseFile('monitoring'))))
    throw new UserFacingError(
      `${settings.dataDir} has no database of monitoring: set DATA_DIR to the data folder of the installation.`,
    );
  const draft = join(dirname(folder), `.${basename(folder)}.partial-${process.pid}`);
  try {
    await mkdir(dirname(folder), { recursive: true });
    await mkdir(draft, { mode: OWNER_ONLY_FOLDER_MODE });
    const names = await copyFiles(settings.dataDir, draft, withSecrets);
    const secret = readInstallationSecret(settings.dataDir, settings.identity.secret);
    const content = {
      createdAt: now().toISOString(),
      version,
      ...readPlaces(draft),
      secretCheck: createSecretCheck(secret),
      files: await Promise.all(names.map((name) => describeFile(draft, name))),
    };
    await writeFile(join(draft, MANIFEST_FILE), createManifest(content), { mode: OWNER_ONLY_FILE_MODE });
    for (const name of [...names, MANIFEST_FILE]) await flushToDisk(join(draft, name));
    await flushToDisk(draft);
    // An empty folder is replaced.
    await rename(draft, folder);
    await flushToDisk(dirname(folder));
    return { format: 1, ...content };
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

async function assertFolderIsFree(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const isFolder = (await stat(folder)).isDirectory();
  if (!isFolder || (await readdir(folder)).length > 0)
    throw new UserFacingError(`${folder} exists already: name a new folder for the backup.`);
}

/** Copies monitoring last, so that its log has every entry that the other databases have seen. @returns the names of the files */
async function copyFiles(
  dataDir: string,
  target: string,
  withSecrets: boolean,
): Promise<BackupFile['name'][]> {
  const names: BackupFile['name'][] = [];
  for (const name of DATABASE_NAMES.map(getDatabaseFile)) {
    const source = join(dataDir, name);
    if (!existsSync(source)) continue;
    try {
      await copySqliteFile(source, join(target, name));
    } catch (error) {
      throw new UserFacingError(`${source} cannot be copied: ${getErrorMessage(error)}.`);
    }
    names.push(name);
  }
  for (const name of withSecrets ? SECRET_FILES : []) {
    if (!existsSync(join(dataDir, name))) continue;
    await copyFile(join(dataDir, name), join(target, name));
    names.push(name);
  }
  for (const name of names) await chmod(join(target, name), OWNER_ONLY_FILE_MODE);
  return names;
}

/** @throws UserFacingError if a copy is damaged, because its source is */
function readPlaces(folder: string): Pick<BackupManifest, 'log' | 'readModel' | 'auditAnchor'> {
  const read = <Place>(
    name: (typeof DATABASE_NAMES)[number],
    readPlace: (file: ReturnType<typeof openDatabaseFile>) => Place,
  ) => {
    const database = openDatabaseFile(join(folder, getDatabaseFile(name)), { isReadOnly: true });
    try {
      const damage = findSqliteDamage(database);
      if (damage !== undefined)
        throw new UserFacingError(`The database of ${name} is damaged, so there is no backup: ${damage}.`);
      return readPlace(database);
    } finally {
      database.close();
    }
  };
  const has = (name: (typeof DATABASE_NAMES)[number]) => existsSync(join(folder, getDatabaseFile(name)));
  if (has('heartbeat')) read('heartbeat', () => undefined);
  const readModel = has('reports') ? read('reports', readReadModelPlace) : undefined;
  return {
    log: read('monitoring', readLogEnd),
    ...(readModel && { readModel }),
    auditAnchor: read('monitoring', readAuditAnchor),
  };
}

const describeFile = async (folder: string, name: BackupFile['name']): Promise<BackupFile> => ({
  name,
  bytes: (await stat(join(folder, name))).size,
  sha256: await hashFile(join(folder, name)),
});

/** Waits until a file, or the names in a folder, are on disk. */
export async function flushToDisk(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
