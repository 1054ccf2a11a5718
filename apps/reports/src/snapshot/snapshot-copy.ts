import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { copySqliteFile, openDatabaseFile } from '@seguridad-abc/platform/storage';

/** A snapshot: a copy of a read model in a file. */
export interface SnapshotCopy {
  readonly logId: string;
  /** The position up to which it has the log. */
  readonly position: number;
  readonly bytes: number;
  /** The SHA-256 of the file, in hexadecimal. */
  readonly hash: string;
}

/** The files of a copy. */
export interface SnapshotCopyFiles {
  /** The read model. It may be open in this process and be written meanwhile. */
  readonly source: string;
  readonly target: string;
}

/**
 * Copies the read model into a file, as one consistent state.
 * @returns undefined if it has read no log yet
 */
export async function copyReadModel({
  source,
  target,
}: SnapshotCopyFiles): Promise<SnapshotCopy | undefined> {
  await copySqliteFile(source, target);
  const checkpoint = readSnapshotCheckpoint(target);
  if (!checkpoint) return undefined;
  const [{ size: bytes }, hash] = [await stat(target), await hashFile(target)];
  return { ...checkpoint, bytes, hash };
}

/** Reads what a snapshot holds. @returns undefined if it has read no log yet */
export function readSnapshotCheckpoint(file: string): Pick<SnapshotCopy, 'logId' | 'position'> | undefined {
  const database = openDatabaseFile(file, { isReadOnly: true });
  try {
    const row = database.prepare('select log_id as logId, position from checkpoint').get() as
      { readonly logId: string | null; readonly position: number } | undefined;
    return row && row.logId !== null ? { logId: row.logId, position: row.position } : undefined;
  } finally {
    database.close();
  }
}

/** Computes the SHA-256 of a file, in hexadecimal. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: HASHED_BYTES }), hash);
  return hash.digest('hex');
}

/** Bytes that are read at once to be hashed. */
const HASHED_BYTES = 1_048_576; // 1 MiB
