import { spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** A real file system on a disk that can fail. */
export interface FailingDisk {
  readonly path: string;
  /** Lets the file system find an error of its disk: Linux then refuses all writes, until it is mounted again. */
  fail(): void;
  /** Mounts it again. No file on it may be open. */
  mountAgain(): void;
  /** Unmounts the file system and removes it. */
  remove(): void;
}

const SIZE_BYTES = 25_165_824; // 24 MiB
const MOUNT_OPTIONS = 'loop,errors=remount-ro';

/**
 * Mounts an ext4 file system that is stored in a file.
 * @returns undefined if that is not possible: it needs root, mkfs.ext4 and loop devices
 */
export function mountFailingDisk(): FailingDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'failing-disk-'));
  const image = join(folder, 'image');
  const path = join(folder, 'disk');
  mkdirSync(path);
  writeFileSync(image, Buffer.alloc(SIZE_BYTES));
  const run = (command: string, ...args: readonly string[]) => spawnSync(command, args, { encoding: 'utf8' });
  const mount = () => run('mount', '-o', MOUNT_OPTIONS, image, path).status === 0;
  const unmount = () => run('umount', path).status === 0;
  const remove = () => {
    if (!unmount()) run('umount', '--lazy', path);
    rmSync(folder, { recursive: true, force: true });
  };
  if (run('mkfs.ext4', '-q', image).status !== 0 || !mount()) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  return {
    path,
    fail() {
      const device = run('findmnt', '--noheadings', '--output', 'SOURCE', path).stdout.trim();
      writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, 'error');
    },
    mountAgain() {
      if (!unmount() || !mount()) throw new Error(`${path} cannot be mounted again.`);
    },
    remove,
  };
}

/** Whether this user and this kernel can mount such a disk. Tests that need one are skipped otherwise. */
export function canMountFailingDisks(): boolean {
  const trial = mountFailingDisk();
  trial?.remove();
  if (!trial) process.stderr.write('Tests with a failing disk are skipped: no loop device can be mounted.\n');
  return trial !== undefined;
}
