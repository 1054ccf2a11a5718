import {
  createBadUserInputError,
  parseWholeNumber,
  type HttpServer,
  type IdentityService,
} from '@seguridad-abc/platform';

const MAX_PAGE_CHANGES = 1_000;

/** Reads the last change of each rule or alarm whose last change is after a log position. */
interface ChangeRepository {
  findChangesSince(after: number, userId: string | null, limit: number): Promise<object>;
}

/**
 * Serves `GET <path>?after=<position>&user=<id>&limit=<1..1000>`, the backfill of `alarmChanged` or `ruleChanged`. It can return
 * the changes of all users, so only processes of this installation are allowed to read it.
 * @param isIncomplete whether the read model lacks old events: the status is then 503
 */
export function serveChanges(
  app: HttpServer['app'],
  path: '/alarm-changes' | '/rule-changes',
  repository: ChangeRepository,
  identity: Pick<IdentityService, 'assertFromInstallation'>,
  isIncomplete: () => boolean,
): void {
  app.get(path, async (request, response) => {
    identity.assertFromInstallation(request.headers);
    const { after: rawAfter = '0', limit: rawLimit = String(MAX_PAGE_CHANGES), user = null } = request.query;
    const after = parseWholeNumber(rawAfter, Number.MAX_SAFE_INTEGER);
    const limit = parseWholeNumber(rawLimit, MAX_PAGE_CHANGES);
    if (
      after === undefined ||
      limit === undefined ||
      limit === 0 ||
      !(user === null || typeof user === 'string')
    ) {
      const message = `after must be a position of 0 or more, limit a number from 1 to ${MAX_PAGE_CHANGES}, and user a single id.`;
      const { extensions } = createBadUserInputError([{ path: ['after'], code: 'INVALID', message }]);
      response.status(400).json({ errors: [{ message, extensions }] });
      return;
    }
    // A reader that starts at the position of an incomplete read model would later receive old changes as new.
    if (isIncomplete()) {
      const message = 'The read model is being built again from the event log. Retry later.';
      response.status(503).json({ errors: [{ message, extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }] });
      return;
    }
    response.json(await repository.findChangesSince(after, user, limit));
  });
}
