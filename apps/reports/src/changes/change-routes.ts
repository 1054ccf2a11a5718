import type { AlarmChangesPage, RuleChangesPage } from '@seguridad-abc/contracts';
import {
  createBadUserInputError,
  parseWholeNumber,
  type HttpServer,
  type IdentityService,
} from '@seguridad-abc/platform';
import type { ProjectedAlarmRepository } from '../alarms/alarm-repository.js';
import type { ProjectedRuleRepository } from '../rules/rule-repository.js';

const MAX_PAGE_CHANGES = 1_000;

/**
 * Serves `GET /alarm-changes` and `GET /rule-changes`, both with `?after=<position>&user=<id>&limit=<1..1000>`. Gateways read
 * there what Redis has not delivered. The pages can have the data of all users, so only processes of this installation are
 * allowed to read them.
 */
export function serveChanges(
  app: HttpServer['app'],
  repositories: {
    readonly alarms: Pick<ProjectedAlarmRepository, 'findChangesSince'>;
    readonly rules: Pick<ProjectedRuleRepository, 'findChangesSince'>;
  },
  identity: Pick<IdentityService, 'assertFromInstallation'>,
): void {
  const serve = (
    path: string,
    findChangesSince: (
      after: number,
      userId: string | null,
      limit: number,
    ) => Promise<AlarmChangesPage | RuleChangesPage>,
  ) =>
    app.get(path, async (request, response) => {
      identity.assertFromInstallation(request.headers);
      const {
        after: rawAfter = '0',
        limit: rawLimit = String(MAX_PAGE_CHANGES),
        user = null,
      } = request.query;
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
      response.json(await findChangesSince(after, user, limit));
    });
  serve('/alarm-changes', (...args) => repositories.alarms.findChangesSince(...args));
  serve('/rule-changes', (...args) => repositories.rules.findChangesSince(...args));
}
