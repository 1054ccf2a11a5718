import {
  createBadUserInputError,
  parseWholeNumber,
  type HttpServer,
  type IdentityService,
} from '@seguridad-abc/platform';
import type { EventLog } from './event-log.js';

const MAX_PAGE_ENTRIES = 1_000;

/** The longest log id or mark of a reader that is compared. */
const MAX_ID_LENGTH = 64;

/**
 * Serves `GET /log?after=<position>&limit=<1..1000>`, the backfill of readers whose Redis Stream lacks entries. With `log` and
 * `mark`, the log id and the mark of the entry at `after`, a reader shows which history it knows. With `snapshot`, the
 * `snapshotUpTo` of the page before, it continues to read a snapshot. The log holds the data of
 * all users, so only processes of this installation are allowed to read it.
 */
export function serveLog(
  app: HttpServer['app'],
  eventLog: EventLog,
  identity: Pick<IdentityService, 'assertFromInstallation'>,
): void {
  app.get('/log', async (request, response) => {
    identity.assertFromInstallation(request.headers);
    const after = parseWholeNumber(request.query['after'] ?? '0', Number.MAX_SAFE_INTEGER);
    const limit = parseWholeNumber(request.query['limit'] ?? String(MAX_PAGE_ENTRIES), MAX_PAGE_ENTRIES);
    if (after === undefined || limit === undefined || limit === 0) {
      const message = `after must be a position of 0 or more, and limit a number from 1 to ${MAX_PAGE_ENTRIES}.`;
      const { extensions } = createBadUserInputError([{ path: ['after'], code: 'INVALID', message }]);
      response.status(400).json({ errors: [{ message, extensions }] });
      return;
    }
    const { log, mark, snapshot } = request.query;
    if (isId(log)) {
      await eventLog.compareWithReader({ logId: log, position: after, ...(isId(mark) && { mark }) });
    }
    response.json(await eventLog.read(after, limit, parseWholeNumber(snapshot, Number.MAX_SAFE_INTEGER)));
  });
}

const isId = (text: unknown): text is string =>
  typeof text === 'string' && text.length > 0 && text.length <= MAX_ID_LENGTH;
