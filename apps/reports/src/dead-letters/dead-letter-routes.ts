import type { DeadLetter, DeadLetterPage } from '@seguridad-abc/contracts';
import {
  createBadUserInputError,
  parseWholeNumber,
  type HttpServer,
  type IdentityService,
} from '@seguridad-abc/platform';
import type { StoredSetAsideEntry } from '../db/projection-store.js';
import type { ReadLogPage } from '../projector/log-client.js';
import type { ReadModelUpdater } from '../projector/read-model-updater.js';

const MAX_PAGE_ENTRIES = 100;
/** In one request. */
const MAX_POSITIONS = 500;

export interface DeadLetterRoutesOptions {
  readonly app: HttpServer['app'];
  readonly updater: Pick<ReadModelUpdater, 'setAside' | 'readSetAside' | 'retrySetAside' | 'dropSetAside'>;
  readonly readLogPage: ReadLogPage;
  readonly identity: Pick<IdentityService, 'assertFromInstallation'>;
}

/**
 * Serves the dead letters: log entries that are set aside, because this version cannot read them or their projection failed.
 *
 * - `GET /dead-letters?after=<position>&limit=<1..100>` lists them.
 * - `PUT /dead-letters/retry?positions=3,5` tries them again; without positions, all of them.
 * - `DELETE /dead-letters?positions=3,5` deletes them.
 *
 * Entries hold the data of users, so only processes of this installation are allowed to use the routes. Web pages cannot send
 * PUT and DELETE without the permission of the server, so that they cannot use the routes with `AUTH=off` either.
 */
export function serveDeadLetters(options: DeadLetterRoutesOptions): void {
  const { app, updater, readLogPage, identity } = options;
  app.use('/dead-letters', ({ headers }, _response, next) => {
    identity.assertFromInstallation(headers);
    next();
  });

  app.get('/dead-letters', async ({ query }, response) => {
    const after = parseWholeNumber(query['after'] ?? '0', Number.MAX_SAFE_INTEGER);
    const limit = parseWholeNumber(query['limit'] ?? String(MAX_PAGE_ENTRIES), MAX_PAGE_ENTRIES);
    if (after === undefined || limit === undefined || limit === 0) {
      const message = `after must be a position of 0 or more, and limit a number from 1 to ${MAX_PAGE_ENTRIES}.`;
      response.status(400).json(toErrorBody('after', message));
      return;
    }
    const entries = await updater.readSetAside(after, limit);
    const page: DeadLetterPage = { count: updater.setAside.count, deadLetters: entries.map(toDeadLetter) };
    response.json(page);
  });

  app.put('/dead-letters/retry', async ({ query }, response) => {
    const positions = query['positions'] === undefined ? undefined : parsePositions(query['positions']);
    if (positions === null) {
      response.status(400).json(toErrorBody('positions', POSITIONS_MESSAGE));
      return;
    }
    const readEntry = async (position: number) => {
      const { entries } = await readLogPage(
        { logId: null, position: position - 1 },
        1,
        new AbortController().signal,
      );
      return entries.find((entry) => entry.position === position);
    };
    response.json(await updater.retrySetAside(positions, readEntry));
  });

  app.delete('/dead-letters', async ({ query }, response) => {
    const positions = parsePositions(query['positions']);
    if (positions === null) {
      response.status(400).json(toErrorBody('positions', POSITIONS_MESSAGE));
      return;
    }
    response.json({ dropped: await updater.dropSetAside(positions) });
  });
}

const POSITIONS_MESSAGE = `positions must be 1 to ${MAX_POSITIONS} log positions with commas between them.`;

/** @returns null if the value is not a list of positions */
function parsePositions(value: unknown): readonly number[] | null {
  if (typeof value !== 'string') return null;
  const positions = value.split(',').map((text) => parseWholeNumber(text, Number.MAX_SAFE_INTEGER) ?? 0);
  return positions.length <= MAX_POSITIONS && positions.every((position) => position > 0) ? positions : null;
}

function toErrorBody(field: string, message: string) {
  const { extensions } = createBadUserInputError([{ path: [field], code: 'INVALID', message }]);
  return { errors: [{ message, extensions }] };
}

const toDeadLetter = ({ entry, reason, attempts, setAsideAt }: StoredSetAsideEntry): DeadLetter => ({
  entry,
  cause: reason,
  attempts: attempts ?? 0,
  setAsideAt,
});
