import { existsSync } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  findSqliteDamage,
  lockDataFolder,
  openDatabaseFile,
  StartError,
  type SqliteFile,
} from '@seguridad-abc/platform/installation';
import {
  DATABASE_NAMES,
  getDatabaseFile,
  hashFile,
  isCheckedSecret,
  readManifest,
  SECRET_FILES,
  type BackupManifest,
  type DatabaseName,
} from '../backup/backup-manifest.js';
import { flushToDisk } from '../backup/create-backup.js';
import { readAuditAnchor, readLogEnd, readReadModelPlace } from '../backup/database-places.js';
import { UserFacingError } from '../../shared/errors.js';
import type { InstallationSettings } from '../../shared/installation-settings.js';
import { findRunningStart } from '../../shared/running-start.js';
import type { PrepareRestoredLog } from './prepare-with-monitoring.js';

const OWNER_ONLY_FILE_MODE = 0o600;
const OWNER_ONLY_FOLDER_MODE = 0o700;
const [SECRET_FILE] = SECRET_FILES;

export interface RestoreOptions {
  readonly settings: Pick<InstallationSettings, 'dataDir' | 'identity'>;
  /** The absolute path of the backup. */
  readonly folder: string;
  /** Whether present databases are moved aside. */
  readonly isReplacing: boolean;
  /** The last position of the log to restore. @default that of the backup */
  readonly toPosition?: number | undefined;
  /** Whether another installation secret than that of the backup is accepted. */
  readonly acceptsNewSecret: boolean;
  readonly prepare: PrepareRestoredLog;
  readonly now: () => Date;
}

export interface RestoreReport {
  /** When the backup was made. */
  readonly createdAt: string;
  /** The position at which the restored log ends. */
  readonly position: number;
  /** Where the databases are that were replaced. */
  readonly replacedFolder: string | undefined;
  /** The users that monitoring erases again. */
  readonly repeatedErasures: number;
  /** False if users that were erased after the backup may have data again. */
  readonly areErasuresKnown: boolean;
}

/**
 * Restores a backup into the data folder. Everything is checked and prepared in a folder beside the databases, and then moved
 * into place.
 * @throws UserFacingError if a service runs, or the backup is damaged or does not fit this installation; nothing is changed
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport> {
  const { settings, folder, isReplacing, toPosition } = options;
  const { dataDir } = settings;
  const manifest = await readManifest(folder);
  await assertFilesAreIntact(folder, manifest);
  if (toPosition !== undefined && toPosition > manifest.log.position)
    throw new UserFacingError(
      `The backup ends at position ${manifest.log.position}: choose an earlier position, or a later backup.`,
    );
  await assertSecretFits(options, manifest);
  if (findRunningStart(dataDir))
    throw new UserFacingError(`npm start runs in ${dataDir}: stop it, and repeat the command.`);
  const unlocks: (() => void)[] = [];
  const draft = join(dataDir, `.restore-${process.pid}`);
  try {
    for (const name of DATABASE_NAMES) unlocks.push(lockStoppedService(dataDir, name));
    const present = await findDatabaseFiles(dataDir);
    if (present.length > 0 && !isReplacing)
      throw new UserFacingError(
        `${dataDir} has databases: ${present.join(', ')}. Repeat the command with --replace, which keeps them in another folder.`,
      );
    await mkdir(draft, { mode: OWNER_ONLY_FOLDER_MODE });
    await copyBackup(folder, draft, manifest);
    const monitoringFile = join(dataDir, getDatabaseFile('monitoring'));
    const { position, repeatedErasures, areErasuresKnown } = await options.prepare({
      folder: draft,
      toPosition,
      replacedFile: existsSync(monitoringFile) ? monitoringFile : undefined,
    });
    // A read model beyond the end of the log is built again.
    if ((manifest.readModel?.position ?? 0) > position)
      await rm(join(draft, getDatabaseFile('reports')), { force: true });
    const replacedFolder = await moveAside(dataDir, present, options.now());
    try {
      await moveIntoPlace(draft, dataDir, manifest);
    } catch (error) {
      await moveBack(dataDir, replacedFolder);
      throw error;
    }
    return { createdAt: manifest.createdAt, position, replacedFolder, repeatedErasures, areErasuresKnown };
  } finally {
    await rm(draft, { recursive: true, force: true });
    for (const unlock of unlocks.reverse()) unlock();
  }
}

/** @throws UserFacingError if the service runs */
function lockStoppedService(dataDir: string, name: DatabaseName): () => void {
  try {
    return lockDataFolder(dataDir, name);
  } catch (error) {
    throw error instanceof StartError ? new UserFacingError(error.message) : error;
  }
}

/** @throws UserFacingError naming the first file that is missing or was changed */
async function assertFilesAreIntact(folder: string, { files }: BackupManifest): Promise<void> {
  if (!files.some(({ name }) => name === getDatabaseFile('monitoring')))
    throw new UserFacingError(`The backup ${folder} has no database of monitoring. Use another backup.`);
  for (const { name, bytes, sha256 } of files) {
    const file = join(folder, name);
    const found = await lstat(file).catch(() => undefined);
    const isIntact = found?.isFile() && found.size === bytes && (await hashFile(file)) === sha256;
    if (!isIntact)
      throw new UserFacingError(
        `The backup is damaged: ${file} ${found ? 'was changed' : 'is missing'}. Nothing was restored. Use another backup.`,
      );
  }
}

/** The keys of devices, cursors and consistency tokens depend on the secret. */
async function assertSecretFits(
  { settings, folder, acceptsNewSecret }: RestoreOptions,
  { secretCheck, files }: BackupManifest,
): Promise<void> {
  if (acceptsNewSecret) return;
  const hasSecret = files.some(({ name }) => name === SECRET_FILE);
  const secret =
    settings.identity.secret ??
    (await readSecret(join(settings.dataDir, SECRET_FILE))) ??
    (hasSecret ? await readSecret(join(folder, SECRET_FILE)) : undefined);
  if (secret !== undefined && isCheckedSecret(secretCheck, secret)) return;
  const problem =
    secret === undefined
      ? 'This installation has no secret, and the backup does not contain one'
      : 'The secret of this installation is not the one of the backup';
  throw new UserFacingError(
    `${problem}. Set INSTALLATION_SECRET, or put the file ${SECRET_FILE} into ${settings.dataDir}. With --new-secret, the keys of all devices become invalid.`,
  );
}

const readSecret = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );

/** The databases, and the files that SQLite keeps beside them. */
async function findDatabaseFiles(dataDir: string): Promise<string[]> {
  const names = await readdir(dataDir);
  return names.filter((name) =>
    DATABASE_NAMES.some((database) => name.startsWith(getDatabaseFile(database))),
  );
}

/** @throws UserFacingError if a copy does not hold what the manifest says */
async function copyBackup(folder: string, draft: string, manifest: BackupManifest): Promise<void> {
  for (const { name, sha256 } of manifest.files) {
    const copy = join(draft, name);
    await copyFile(join(folder, name), copy);
    await chmod(copy, OWNER_ONLY_FILE_MODE);
    if ((await hashFile(copy)) !== sha256)
      throw new UserFacingError(`${join(folder, name)} cannot be copied without errors. Check the disks.`);
  }
  for (const name of DATABASE_NAMES) checkDatabase(draft, name, manifest);
}

function checkDatabase(draft: string, name: DatabaseName, manifest: BackupManifest): void {
  const file = join(draft, getDatabaseFile(name));
  if (!existsSync(file)) return;
  const database = openDatabaseFile(file, { isReadOnly: true });
  try {
    const damage = findSqliteDamage(database) ?? findDifference(name, database, manifest);
    if (damage !== undefined)
      throw new UserFacingError(
        `The database of ${name} in the backup is damaged: ${damage}. Use another backup.`,
      );
  } finally {
    database.close();
  }
}

/** The manifest is not covered by a hash, so what it says is compared with the databases. */
function findDifference(
  name: DatabaseName,
  database: SqliteFile,
  { log, readModel, auditAnchor }: BackupManifest,
): string | undefined {
  const compare = (what: string, found: unknown, expected: unknown) =>
    JSON.stringify(found) === JSON.stringify(expected) ? undefined : `${what} differs from the manifest`;
  if (name === 'reports') return compare('the checkpoint', readReadModelPlace(database), readModel);
  if (name === 'heartbeat') return undefined;
  return (
    compare('the end of the event log', readLogEnd(database), log) ??
    compare('the end of the audit trail', readAuditAnchor(database), auditAnchor)
  );
}

/** @returns the folder; undefined if there is nothing to move */
async function moveAside(dataDir: string, names: readonly string[], now: Date): Promise<string | undefined> {
  if (names.length === 0) return undefined;
  const folder = join(dataDir, `replaced-${now.toISOString().replaceAll(':', '-')}`);
  await mkdir(folder, { mode: OWNER_ONLY_FOLDER_MODE });
  for (const name of names) await rename(join(dataDir, name), join(folder, name));
  await flushToDisk(folder);
  return folder;
}

/** Removes the databases that are in place, and moves those before back. */
async function moveBack(dataDir: string, replacedFolder: string | undefined): Promise<void> {
  for (const name of await findDatabaseFiles(dataDir)) await rm(join(dataDir, name));
  if (replacedFolder === undefined) return;
  for (const name of await readdir(replacedFolder))
    await rename(join(replacedFolder, name), join(dataDir, name));
  await flushToDisk(dataDir);
  await rm(replacedFolder, { recursive: true });
}

/** Monitoring's database comes last: without it there is no installation yet, and the command can be repeated. */
async function moveIntoPlace(draft: string, dataDir: string, { files }: BackupManifest): Promise<void> {
  for (const name of SECRET_FILES) {
    // The secrets of this installation stay.
    const isNeeded = files.some((file) => file.name === name) && !existsSync(join(dataDir, name));
    if (isNeeded)
      await writeFile(join(dataDir, name), await readFile(join(draft, name)), {
        mode: OWNER_ONLY_FILE_MODE,
        flag: 'wx',
        flush: true,
      });
  }
  for (const name of DATABASE_NAMES.map(getDatabaseFile)) {
    if (!existsSync(join(draft, name))) continue;
    await flushToDisk(join(draft, name));
    await rename(join(draft, name), join(dataDir, name));
  }
  await flushToDisk(dataDir);
}
