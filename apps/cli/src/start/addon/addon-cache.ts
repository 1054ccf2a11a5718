import { createHash, randomUUID } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { EnvironmentVariables } from '@seguridad-abc/platform';

const FILE_NAME = /^([0-9a-f]{64})\.node$/;

/**
 * Folder in which this user keeps the compiled addon, so that a second clone need not compile it. An addon only works with
 * the kind of Node and machine that it was compiled for, so these are part of the path.
 * @param version of better-sqlite3
 */
export function getAddonCacheFolder(version: string, env: EnvironmentVariables = process.env): string {
  const configured = env['XDG_CACHE_HOME'] ?? '';
  const root = configured === '' ? join(homedir(), '.cache') : configured;
  const { platform, arch, versions } = process;
  const kind = [`abi${versions.modules}`, platform, arch, getLibc()].filter(Boolean).join('-');
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
 * Finds a cached addon whose content has the checksum that its name says. A damaged file is removed.
 * @returns its path
 */
export function findCachedAddon(folder: string): string | undefined {
  for (const name of listFiles(folder)) {
    const checksum = FILE_NAME.exec(name)?.[1];
    if (checksum === undefined) continue;
    const file = join(folder, name);
    if (hashFile(file) === checksum) return file;
    rmSync(file, { force: true });
  }
  return undefined;
}

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

/** Copies a file so that no program ever sees half of it, and a program that uses the old file keeps it. */
export function copyAtomically(from: string, to: string): void {
  const temporary = `${to}.${randomUUID()}`;
  try {
    copyFileSync(from, temporary);
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
