import { resolveCallerListScope, canReadUserData } from '@seguridad-abc/contracts';
import { ExpectedError, createForbiddenError, createMissingTokenError } from '@seguridad-abc/platform';
import type { AuthenticationResult } from '../requests/authentication.js';

/**
 * Authorizes a subscription to a user's changes by its argument `userId`, before anything is executed.
 * @param userIdArgument absent: the caller's own changes or, for operators, those of all users
 * @returns the user's id, or null for the changes of all users
 * @throws ExpectedError UNAUTHENTICATED without a caller; FORBIDDEN for devices and for other users' changes
 */
export function resolveSubscribedUserId(
  { credentials }: { readonly credentials: () => AuthenticationResult },
  userIdArgument: unknown,
): string | null {
  const { caller } = credentials();
  if (!caller) throw createMissingTokenError();
  if (!canReadUserData(caller)) {
    throw createForbiddenError(
      'A device may only record readings. Use the token of a customer or an operator.',
    );
  }
  const listed = resolveCallerListScope(
    caller,
    typeof userIdArgument === 'string' ? userIdArgument : undefined,
  );
  if (listed.kind !== 'forbidden') return listed.kind === 'one' ? listed.userId : null;
  const message = 'Only an operator may subscribe to the changes of another user. Omit userId.';
  throw new ExpectedError('FORBIDDEN', message, {
    faults: [{ path: ['userId'], code: 'FORBIDDEN', message }],
  });
}
