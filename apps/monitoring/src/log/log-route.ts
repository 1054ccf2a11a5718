import {
  badUserInputError,
  parseWholeNumber,
  type ExpectedError,
  type HttpServer,
  type IdentityService,
} from '@seguridad-abc/platform';
import type { EventLog } from './event-log.js';

const MAX_LIMIT = 1_000;

/**
 * `GET /log?after=<position>&limit=<1..1000>`: the log for whoever finds the stream too short. It holds everybody's data,
 * so that only a process of this installation is answered.
 */
export function serveLog(
  app: HttpServer['app'],
  log: EventLog,
  identity: Pick<IdentityService, 'assertFromInstallation'>,
): void {
  app.get('/log', async (request, response) => {
    identity.assertFromInstallation(request.headers);
    const after = parseWholeNumber(request.query['after'] ?? '0', Number.MAX_SAFE_INTEGER);
    const limit = parseWholeNumber(request.query['limit'] ?? String(MAX_LIMIT), MAX_LIMIT);
    if (after === undefined || limit === undefined || limit === 0) {
      response.status(400).json({ errors: [refusal()] });
      return;
    }
    response.json(await log.read(after, limit));
  });
}

function refusal(): { message: string; extensions: ExpectedError['extensions'] } {
  const message = `after must be a position from 0 on, and limit from 1 to ${MAX_LIMIT}.`;
  const { extensions } = badUserInputError([{ path: ['after'], code: 'INVALID', message }]);
  return { message, extensions };
}
