import { createHash, type Hash } from 'node:crypto';
import { open, statfs, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  findDatabaseDamageInThread,
  getErrorMessage,
  parseWholeNumber,
  removeSqliteFiles,
  type Logger,
} from '@seguridad-abc/platform';
import { getReadModelFormat } from '../db/reports-database.js';
import { readSnapshotCheckpoint } from './snapshot-copy.js';
import { SNAPSHOT_PATH, SNAPSHOT_POSITION_HEADER } from './snapshot-route.js';

export interface SnapshotDownloadOptions {
  /** Base URLs of other instances of reports, in the order in which they are asked. */
  readonly peers: readonly string[];
  /** Prove to a peer that the request comes from this installation. */
  readonly headers: Readonly<Record<string, string>>;
  /** The free disk space that must remain. */
  readonly minFreeBytes: number;
  readonly timing?: Partial<SnapshotDownloadTiming>;
  readonly logger: Logger;
}

/** The intervals of a download, in milliseconds. */
export interface SnapshotDownloadTiming {
  /** A peer that sends nothing for this time counts as lost. */
  readonly idleMs: number;
  /** Delay before a peer is asked again that makes a snapshot, or whose connection broke. */
  readonly retryMs: number;
}

const DOWNLOAD_TIMING: SnapshotDownloadTiming = { idleMs: 15_000, retryMs: 1_000 };

/** Connections in a row to one peer that bring nothing. */
const MAX_VAIN_ATTEMPTS = 3;
/** A peer may take this long to make a snapshot. It answers meanwhile. */
const MAX_PREPARATION_MS = 1_800_000; // 30 minutes

/** Which snapshot is wanted, and where it is stored. */
export interface SnapshotRequest {
  /** The path of the new database. */
  readonly file: string;
  readonly logId: string;
  /** The log before this position is compacted: an older snapshot cannot be continued. */
  readonly minPosition: number;
  readonly onProgress: (progress: SnapshotProgress) => void;
  readonly signal: AbortSignal;
}

/** How far the download of a snapshot is. */
export interface SnapshotProgress {
  readonly peer: string;
  readonly receivedBytes: number;
  /** Undefined while the peer makes the snapshot. */
  readonly totalBytes: number | undefined;
}

/**
 * Downloads a snapshot of the read model from the first peer that has a suitable one, and verifies it. A download that breaks off
 * goes on, or begins again at the next peer.
 * @returns the peer; undefined if no peer has one. Then there is no file
 */
export type DownloadSnapshot = (request: SnapshotRequest) => Promise<string | undefined>;

/** A peer has no snapshot for this instance, or a damaged one. */
class UnsuitableSnapshotError extends Error {
  override name = 'UnsuitableSnapshotError';
}

/** Creates the function that downloads snapshots from peers. */
export function createSnapshotDownload(options: SnapshotDownloadOptions): DownloadSnapshot {
  const { peers, headers, minFreeBytes, logger } = options;
  const timing = { ...DOWNLOAD_TIMING, ...options.timing };
  return async (request) => {
    const { file, signal, onProgress } = request;
    for (const peer of peers) {
      const startedAt = performance.now();
      try {
        const { bytes, position } = await downloadFrom(peer, { ...request, headers, minFreeBytes, timing });
        const durationMs = Math.round(performance.now() - startedAt);
        logger.info({ peer, position, bytes, durationMs }, 'a snapshot of the read model was downloaded');
        return peer;
      } catch (error) {
        removeSqliteFiles(file);
        signal.throwIfAborted();
        logger.warn(
          { peer, reason: getErrorMessage(error) },
          'a peer has no usable snapshot of the read model',
        );
        onProgress({ peer, receivedBytes: 0, totalBytes: undefined });
      }
    }
    return undefined;
  };
}

interface PeerDownload extends SnapshotRequest, Pick<SnapshotDownloadOptions, 'headers' | 'minFreeBytes'> {
  readonly timing: SnapshotDownloadTiming;
}

/** What a peer has announced. */
interface AnnouncedSnapshot {
  readonly etag: string;
  readonly bytes: number;
  readonly position: number;
}

/** A snapshot of which a part is in the file. */
interface PartialSnapshot extends AnnouncedSnapshot {
  received: number;
  /** Of what was received. */
  readonly hash: Hash;
}

/** Downloads a snapshot from one peer, and verifies it. @throws Error if that is not possible */
async function downloadFrom(peer: string, download: PeerDownload): Promise<AnnouncedSnapshot> {
  const { file, logId, signal, timing } = download;
  const target = await open(file, 'w', OWNER_ONLY_MODE);
  try {
    let partial: PartialSnapshot | undefined;
    const preparationEnd = performance.now() + MAX_PREPARATION_MS;
    for (let vainAttempts = 0; !partial || partial.received < partial.bytes;) {
      const before = partial?.received ?? 0;
      const idle = createIdleTimeout(timing.idleMs, signal);
      try {
        const response = await requestSnapshot(peer, download, partial, idle.signal);
        if (response.status === 202) {
          if (performance.now() > preparationEnd) throw new UnsuitableSnapshotError('it takes too long');
          download.onProgress({ peer, receivedBytes: 0, totalBytes: undefined });
          await response.body?.cancel();
        } else {
          if (!partial || response.status !== 206) {
            partial = beginSnapshot(response);
            await target.truncate(0);
            await assertUsable(partial, download);
          }
          await receiveRest({ peer, response, partial, target, download, onChunk: () => idle.restart() });
          continue;
        }
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof UnsuitableSnapshotError) throw error;
        const hasReceived = (partial?.received ?? 0) > before;
        vainAttempts = hasReceived ? 0 : vainAttempts + 1;
        if (vainAttempts === MAX_VAIN_ATTEMPTS) throw toDescribedError(error);
      } finally {
        idle.stop();
      }
      await delay(timing.retryMs, undefined, { signal });
    }
    await target.sync();
    if (`"${partial.hash.digest('hex')}"` !== partial.etag)
      throw new UnsuitableSnapshotError('its snapshot arrived damaged: it has another hash');
    const damage = await findDatabaseDamageInThread(file, signal, { isQuick: true });
    if (damage !== undefined) throw new UnsuitableSnapshotError(`its snapshot is damaged: ${damage}`);
    if (readSnapshotCheckpoint(file)?.logId !== logId)
      throw new UnsuitableSnapshotError('its snapshot is of another log');
    return partial;
  } finally {
    await target.close();
  }
}

const OWNER_ONLY_MODE = 0o600;

/** Requests a snapshot, or the rest of one. @throws UnsuitableSnapshotError if the peer has none */
async function requestSnapshot(
  peer: string,
  { logId, headers }: PeerDownload,
  partial: PartialSnapshot | undefined,
  signal: AbortSignal,
): Promise<Response> {
  const url = new URL(SNAPSHOT_PATH, peer);
  url.search = new URLSearchParams({ format: getReadModelFormat(), log: logId }).toString();
  const rest = partial && { range: `bytes=${partial.received}-`, 'if-range': partial.etag };
  // Another host must not receive the installation secret.
  const response = await fetch(url, { headers: { ...headers, ...rest }, signal, redirect: 'error' });
  if (response.ok) return response;
  const text = (await response.text()).slice(0, MAX_REFUSAL_LENGTH);
  throw new UnsuitableSnapshotError(`it answers with status ${response.status}: ${text}`);
}

const MAX_REFUSAL_LENGTH = 500;

/** @throws UnsuitableSnapshotError if the response does not announce a snapshot */
function beginSnapshot({ headers }: Response): PartialSnapshot {
  const [length, position] = ['content-length', SNAPSHOT_POSITION_HEADER].map((name) =>
    parseWholeNumber(headers.get(name) ?? '', Number.MAX_SAFE_INTEGER),
  );
  const etag = headers.get('etag') ?? '';
  if (length === undefined || position === undefined || !/^"[0-9a-f]{64}"$/.test(etag))
    throw new UnsuitableSnapshotError('it does not answer as reports does');
  return { etag, position, bytes: length, received: 0, hash: createHash('sha256') };
}

/** @throws UnsuitableSnapshotError if the log cannot continue the snapshot, or the disk is too small for it */
async function assertUsable(
  { bytes, position }: AnnouncedSnapshot,
  { file, minPosition, minFreeBytes }: PeerDownload,
): Promise<void> {
  if (position < minPosition)
    throw new UnsuitableSnapshotError(
      `its snapshot ends at position ${position}, but the log is compacted there`,
    );
  const { bavail, bsize } = await statfs(dirname(file));
  if (bavail * bsize - bytes < minFreeBytes)
    throw new UnsuitableSnapshotError(`its snapshot of ${bytes} bytes does not fit on the disk`);
}

interface PartReception {
  readonly peer: string;
  readonly response: Response;
  readonly partial: PartialSnapshot;
  readonly target: FileHandle;
  readonly download: PeerDownload;
  readonly onChunk: () => void;
}

/** Writes what the peer sends to the file. @throws Error if the connection breaks */
async function receiveRest({
  peer,
  response,
  partial,
  target,
  download,
  onChunk,
}: PartReception): Promise<void> {
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    onChunk();
    if (partial.received + chunk.length > partial.bytes)
      throw new UnsuitableSnapshotError('its snapshot is longer than announced');
    partial.hash.update(chunk);
    await writeAll(target, chunk, partial.received);
    partial.received += chunk.length;
    download.onProgress({ peer, receivedBytes: partial.received, totalBytes: partial.bytes });
  }
}

async function writeAll(target: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const part = await target.write(bytes, written, bytes.length - written, position + written);
    written += part.bytesWritten;
  }
}

/** Creates a signal that ends when nothing has restarted it for some time. */
function createIdleTimeout(ms: number, signal: AbortSignal) {
  const abort = new AbortController();
  const end = () => abort.abort(new Error(`it has sent nothing for ${ms / 1_000} s`));
  let timer = setTimeout(end, ms);
  return {
    signal: AbortSignal.any([abort.signal, signal]),
    restart() {
      clearTimeout(timer);
      timer = setTimeout(end, ms);
    },
    stop: () => clearTimeout(timer),
  };
}

/** The message of fetch is always "fetch failed"; its cause says more. */
function toDescribedError(error: unknown): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new Error(`it cannot be reached: ${getErrorMessage(cause)}`, { cause: error });
}
