import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { StoredEntry } from './compaction-tables.js';

/** What the file beside an archive says about it. */
export interface ArchiveManifest {
  /** The name of the archive: a JSON line for each entry of the log, compressed with gzip. */
  readonly file: string;
  readonly logId: string;
  readonly firstPosition: number;
  readonly lastPosition: number;
  readonly entries: number;
  readonly bytes: number;
  /** Of the compressed file, in hexadecimal. */
  readonly sha256: string;
  readonly writtenAt: string;
}

export interface ArchiveOptions {
  readonly folder: string;
  readonly logId: string;
  readonly firstPosition: number;
  readonly lastPosition: number;
  /** In log order. */
  readonly entries: AsyncIterable<StoredEntry>;
  /** The server's instant. */
  readonly now: string;
}

const POSITION_DIGITS = 12;
const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/**
 * Writes entries of the log to a compressed file, and a manifest beside it. Both are on disk when it resolves.
 * @returns the path of the archive
 */
export async function writeLogArchive(options: ArchiveOptions): Promise<string> {
  const { folder, logId, firstPosition, lastPosition, now } = options;
  await mkdir(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
  const range = [firstPosition, lastPosition].map((position) =>
    String(position).padStart(POSITION_DIGITS, '0'),
  );
  const name = `log-${range.join('-')}`;
  const file = `${name}.ndjson.gz`;
  const path = join(folder, file);
  const draft = `${path}.partial`;
  const hash = createHash('sha256');
  let entries = 0;
  let bytes = 0;
  async function* toLines() {
    for await (const entry of options.entries) {
      entries += 1;
      yield formatArchivedEntry(entry);
    }
  }
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      hash.update(chunk);
      bytes += chunk.length;
      callback(null, chunk);
    },
  });
  try {
    await pipeline(
      Readable.from(toLines()),
      createGzip(),
      measure,
      createWriteStream(draft, { mode: OWNER_ONLY }),
    );
    await syncFile(draft);
    const sha256 = hash.digest('hex');
    const manifest: ArchiveManifest = {
      file,
      logId,
      firstPosition,
      lastPosition,
      entries,
      bytes,
      sha256,
      writtenAt: now,
    };
    const manifestPath = join(folder, `${name}.json`);
    await writeFile(manifestPath, `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: OWNER_ONLY });
    await syncFile(manifestPath);
    await rename(draft, path);
    await syncFile(folder);
  } finally {
    await rm(draft, { force: true });
  }
  return path;
}

/** One line. The data of a damaged entry, which is not JSON, is a text. */
function formatArchivedEntry({ actor, data, ...fields }: StoredEntry): string {
  return `${JSON.stringify({ ...fields, actor: parseJson(actor), data: parseJson(data) })}\n`;
}

function parseJson(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
