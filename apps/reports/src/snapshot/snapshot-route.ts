import { createReadStream } from 'node:fs';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { HttpServer, IdentityService, Logger } from '@seguridad-abc/platform';
import { getReadModelFormat } from '../db/reports-database.js';
import { SnapshotSpaceError, type Snapshot, type Snapshots } from './snapshots.js';

export const SNAPSHOT_PATH = '/snapshot';
/** Headers of a snapshot: the id of its log, and the position up to which it has that log. */
export const SNAPSHOT_LOG_HEADER = 'x-snapshot-log';
export const SNAPSHOT_POSITION_HEADER = 'x-snapshot-position';
const RETRY_AFTER_SECONDS = 1;
const CHUNK_BYTES = 262_144; // 256 KiB

export interface SnapshotRouteOptions {
  readonly app: HttpServer['app'];
  readonly snapshots: Snapshots;
  readonly identity: Pick<IdentityService, 'assertFromInstallation'>;
  /** Why the read model is not fit for others now, as a clause with it as the subject. Undefined if it is fit. */
  readonly findUnfitness: () => string | undefined;
  /** Returns the id of the log that the read model holds. */
  readonly getLogId: () => string | null;
  /** A client that accepts nothing for this time, in milliseconds, loses its connection. @default 60_000 */
  readonly stalledMs?: number | undefined;
  readonly logger: Logger;
}

/**
 * Serves `GET /snapshot?format=<version>&log=<id>` for new instances of this installation: the database as one file, with its
 * SHA-256 as the entity tag. A part of it is sent for `Range: bytes=<first>-` with `If-Range`. Status 202 means that it is
 * being made; 409, that this instance has another version of the read model, or another log.
 */
export function serveSnapshot(options: SnapshotRouteOptions): void {
  const { app, snapshots, identity, findUnfitness, getLogId, stalledMs = 60_000, logger } = options;

  /** @throws SnapshotRefusal if there is none for this client */
  const findSnapshot = async (format: unknown, logId: unknown): Promise<Snapshot | undefined> => {
    const unfitness = findUnfitness();
    if (unfitness !== undefined)
      throw new SnapshotRefusal(503, 'SUBGRAPH_UNAVAILABLE', `The read model is not fit: ${unfitness}.`);
    const [ownFormat, ownLogId] = [getReadModelFormat(), getLogId()];
    if (format !== ownFormat || (logId !== undefined && logId !== ownLogId)) {
      const message = `The read model has format ${ownFormat} and holds log ${ownLogId ?? '?'}.`;
      throw new SnapshotRefusal(409, 'BAD_USER_INPUT', message);
    }
    try {
      const snapshot = await snapshots.request();
      if (!snapshot || logId === undefined || snapshot.logId === logId) return snapshot;
      // It was made before the log was replaced.
      await snapshots.discard();
      return undefined;
    } catch (error) {
      const message = `No snapshot can be made: ${(error as Error).message}.`;
      if (error instanceof SnapshotSpaceError) throw new SnapshotRefusal(507, 'STORAGE_FULL', message);
      throw new SnapshotRefusal(503, 'SUBGRAPH_UNAVAILABLE', message);
    }
  };

  app.get(SNAPSHOT_PATH, async ({ headers, query }, response) => {
    identity.assertFromInstallation(headers);
    response.set('cache-control', 'no-store');
    let snapshot: Snapshot | undefined;
    try {
      snapshot = await findSnapshot(query['format'], query['log']);
    } catch (error) {
      if (!(error instanceof SnapshotRefusal)) throw error;
      const { status, code, message } = error;
      response.status(status).json({ errors: [{ message, extensions: { code } }] });
      return;
    }
    if (!snapshot) {
      response.status(202).set('retry-after', String(RETRY_AFTER_SECONDS)).end();
      return;
    }
    const release = snapshots.hold(() => response.destroy());
    // A client that stops reading would keep the snapshot, which has personal data.
    response.setTimeout(stalledMs, () => response.destroy());
    try {
      await sendSnapshot(snapshot, headers, response);
    } catch (error) {
      // The client asks for the rest.
      logger.debug({ err: error }, 'the download of a snapshot broke off');
    } finally {
      release();
    }
  });
}

/** Why a client gets no snapshot. The message is for the log lines of its instance. */
class SnapshotRefusal extends Error {
  override name = 'SnapshotRefusal';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

async function sendSnapshot(
  { file, bytes, hash, logId, position }: Snapshot,
  headers: IncomingHttpHeaders,
  response: ServerResponse,
): Promise<void> {
  const etag = `"${hash}"`;
  const [, requested] = /^bytes=(\d{1,15})-$/.exec(headers.range ?? '') ?? [];
  const first = headers['if-range'] === etag ? Number(requested ?? 0) : 0;
  const start = first < bytes ? first : 0;
  const isPart = start > 0;
  response.writeHead(isPart ? 206 : 200, {
    'content-type': 'application/vnd.sqlite3',
    'content-length': bytes - start,
    'accept-ranges': 'bytes',
    etag,
    [SNAPSHOT_LOG_HEADER]: logId,
    [SNAPSHOT_POSITION_HEADER]: position,
    ...(isPart && { 'content-range': `bytes ${start}-${bytes - 1}/${bytes}` }),
  });
  await pipeline(createReadStream(file, { start, highWaterMark: CHUNK_BYTES }), response);
}
