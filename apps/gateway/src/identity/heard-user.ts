import { resolveListedUser, canReadAlarms } from '@seguridad-abc/contracts';
import { ExpectedError, forbiddenError, missingTokenError } from '@seguridad-abc/platform';
import type { RequestContext } from '../operations/request-context.js';

/**
 * Whose changes a subscriber hears, by the argument `userId` of his subscription. Known before anything is executed.
 * @returns the user's id, or null for those of all users
 * @throws ExpectedError FORBIDDEN where he may not hear these
 */
export function heardUser(
  { credentials }: Pick<RequestContext, 'credentials'>,
  named: unknown,
): string | null {
  const { caller } = credentials();
  if (!caller) throw missingTokenError();
  if (!canReadAlarms(caller)) throw forbiddenError('A device may record readings, and nothing else.');
  const userId = resolveListedUser(caller, typeof named === 'string' ? named : undefined);
  if (userId !== undefined) return userId;
  const message = 'Only an operator may hear of what is of another user.';
  throw new ExpectedError('FORBIDDEN', message, {
    faults: [{ path: ['userId'], code: 'FORBIDDEN', message }],
  });
}
