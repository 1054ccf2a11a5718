import {
  badUserInputError,
  parseWholeNumber,
  type HttpServer,
  type IdentityService,
} from '@seguridad-abc/platform';
import type { AlarmChangesReader } from './alarm-changes.js';

const MAX_LIMIT = 1_000;

/**
 * `GET /alarm-changes?after=<position>&user=<id>&limit=<1..1000>`: what a subscriber to alarms has missed. Only a process
 * of this installation is answered, since it may ask for everybody's.
 */
export function serveAlarmChanges(
  app: HttpServer['app'],
  changes: AlarmChangesReader,
  identity: Pick<IdentityService, 'assertFromInstallation'>,
): void {
  app.get('/alarm-changes', async (request, response) => {
    identity.assertFromInstallation(request.headers);
    const { after: rawAfter = '0', limit: rawLimit = String(MAX_LIMIT), user = null } = request.query;
    const after = parseWholeNumber(rawAfter, Number.MAX_SAFE_INTEGER);
    const limit = parseWholeNumber(rawLimit, MAX_LIMIT);
    if (
      after === undefined ||
      limit === undefined ||
      limit === 0 ||
      !(user === null || typeof user === 'string')
    ) {
      const message = `after must be a position from 0 on, limit from 1 to ${MAX_LIMIT}, and user one id.`;
      const { extensions } = badUserInputError([{ path: ['after'], code: 'INVALID', message }]);
      response.status(400).json({ errors: [{ message, extensions }] });
      return;
    }
    response.json(await changes.findChangesSince(after, user, limit));
  });
}
