import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { EnvironmentVariables } from '@seguridad-abc/platform';

/** Only the owner may write it. */
const ADDON_MODE = 0o755;

const FILE_NAME = /^([0-9a-f]{64})\.node$/;

/**
 * Folder in which this user keeps the compiled addon for this machine, so that a second clone need not compile it. An addon
 * only works with the kind of Node and machine that it was compiled for, so these are part of the path.
 * @param version of better-sqlite3
 */
export function getMachineAddonFolder(version: string, env: EnvironmentVariables = process.env): string {
  const { platform, arch, versions } = process;
  const kind = [`abi${versions.modules}`, platform, arch, getLibc()].filter(Boolean).join('-');
  const configured = env['XDG_CACHE_HOME'] ?? '';
  // The XDG specification ignores relative paths: https://specifications.freedesktop.org/basedir-spec/latest/
  const root = isAbsolute(configured) ? configured : join(homedir(), '.cache');
  return join(root, 'seguridad-abc', 'better-sqlite3', version, kind);
}

/** The C library on Linux, such as `glibc2.36`. */
function getLibc(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  const glibc = report.header.glibcVersionRuntime;
  return glibc === undefined ? 'musl' : `glibc${glibc}`;
}

/**
 * Finds a cached addon that only this user can have written, and whose content has the checksum in its name. Other files
 * are skipped, because the process would execute their code.
 * @returns its path
 * @throws the system's error, for example if another start removes a file meanwhile
 */
export const findCachedAddon = (folder: string): string | undefined =>
  listFiles(folder)
    .map((name) => ({ file: join(folder, name), checksum: FILE_NAME.exec(name)?.[1] }))
    .find(({ file, checksum }) => isTrusted(folder, file) && hashFile(file) === checksum)?.file;

const GROUP_OR_OTHERS_MAY_WRITE = 0o022;

/** Whether both are of this user, who alone may write them. */
const isTrusted = (folder: string, file: string): boolean =>
  lstatSync(file).isFile() &&
  [folder, file]
    .map((path) => lstatSync(path))
    // Windows has no user ids.
    .every(
      ({ uid, mode }) =>
        !process.getuid || (uid === process.getuid() && (mode & GROUP_OR_OTHERS_MAY_WRITE) === 0),
    );

/**
 * Stores a compiled addon instead of all others in its folder. The rename makes it visible at once and complete, also to
 * another start.
 * @param addon path of the compiled file
 * @throws the system's error, for example without write permission
 */
export function storeAddon(folder: string, addon: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stored = `${hashFile(addon)}.node`;
  copyAtomically(addon, join(folder, stored));
  for (const name of listFiles(folder)) {
    if (name !== stored && FILE_NAME.test(name)) rmSync(join(folder, name), { force: true });
  }
}

/** Copies an addon so that no program ever sees half of it, and a program that uses the old file keeps it. */
export function copyAtomically(from: string, to: string): void {
  const temporary = `${to}.${randomUUID()}`;
  try {
    copyFileSync(from, temporary);
    chmodSync(temporary, ADDON_MODE);
    renameSync(temporary, to);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function listFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const hashFile = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
