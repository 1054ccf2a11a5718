import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real file system that a test can fill. */
export interface SmallDisk {
  readonly path: string;
  /** Writes a file until only so much space is left. */
  fill(freeKb?: number): void;
  /** Removes that file. */
  free(): void;
  /** Unmounts the file system. Files on it may still be open. */
  remove(): void;
}

/**
 * Mounts a file system in memory.
 * @returns undefined if this user may not mount file systems
 */
export function mountSmallDisk(sizeKb: number): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), 'small-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeKb}k`, 'tmpfs', path]);
  if (mounted.status !== 0) {
    rmSync(path, { recursive: true });
    return undefined;
  }
  const ballast = join(path, 'ballast');
  return {
    path,
    fill(freeKb = 0) {
      const file = openSync(ballast, 'a');
      try {
        for (const size of [65_536, 4_096, 1]) fillWith(file, size);
        if (freeKb > 0) ftruncateSync(file, Math.max(0, fstatSync(file).size - freeKb * 1_024));
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast, { force: true }),
    remove() {
      spawnSync('umount', ['--lazy', path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function fillWith(file: number, size: number): void {
  const bytes = Buffer.alloc(size, 'x');
  try {
    for (;;) writeSync(file, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** Whether this user may mount file systems: as root, outside of most containers. Tests that need one are skipped otherwise. */
export function canMountDisks(): boolean {
  const trial = mountSmallDisk(64);
  trial?.remove();
  if (!trial)
    process.stderr.write('Tests with a full disk are skipped: this user may not mount file systems.\n');
  return trial !== undefined;
}
