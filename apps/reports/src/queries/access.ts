import { canAccessUser, resolveListedUser, type Actor } from '@seguridad-abc/contracts';
import { badUserInputError, ExpectedError, type InputFault } from '@seguridad-abc/platform';

/** Those of the things found that the caller may know; the others are as if they were not there. */
export const visibleAmong = <Thing extends { readonly userId: string }>(
  caller: Actor,
  found: ReadonlyMap<string, Thing>,
): ReadonlyMap<string, Thing> =>
  new Map([...found].filter(([, { userId }]) => canAccessUser(caller, userId)));

/**
 * Whose things a caller lists, by the user that the filter names, if any.
 * @returns undefined: those of all users
 * @throws ExpectedError FORBIDDEN where he may not list these
 */
export function assertListed(caller: Actor, named: string | null | undefined): string | undefined {
  const userId = resolveListedUser(caller, named);
  if (userId !== undefined) return userId ?? undefined;
  const message = 'Only an operator may read what is of another user.';
  throw asError([{ path: ['filter', 'userId'], code: 'FORBIDDEN', message }]);
}

/** What is forbidden is refused as such, whatever else is wrong. */
export function asError(faults: readonly InputFault[]): ExpectedError {
  const forbidding = faults.filter(({ code }) => code === 'FORBIDDEN');
  if (forbidding.length === 0) return badUserInputError(faults);
  const message = forbidding.map((fault) => fault.message).join(' ');
  return new ExpectedError('FORBIDDEN', message, { faults: forbidding });
}
