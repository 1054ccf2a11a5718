import {
  canAccessUser,
  canReadUserData,
  resolveCallerListScope,
  prioritizeForbiddenFaults,
  type Actor,
  type InputFault,
} from '@seguridad-abc/contracts';
import { ExpectedError, createForbiddenError } from '@seguridad-abc/platform';
import type { RequestBudget } from './request-budget.js';

/** The caller of one request, and how much its request may cost. */
export interface RequestCaller {
  readonly caller: Actor;
  readonly budget: RequestBudget;
  /** Maximum wait for entities that are not projected yet, in ms. */
  readonly waitMs: number;
}

/** @throws ExpectedError FORBIDDEN for a device: devices only record readings */
export function assertCanQuery<Caller extends Actor>(caller: Caller): Caller {
  if (!canReadUserData(caller)) throw createForbiddenError('A device may record readings and cannot query.');
  return caller;
}

/**
 * Keeps the entities that the caller may access. To the caller the others do not exist, so a response does not show
 * whether an id is unknown or belongs to another user.
 */
export const filterAccessibleEntities = <Entity extends { readonly userId: string }>(
  caller: Actor,
  entities: ReadonlyMap<string, Entity>,
): ReadonlyMap<string, Entity> =>
  new Map([...entities].filter(([, { userId }]) => canAccessUser(caller, userId)));

/**
 * Resolves the user whose list a caller reads.
 * @param filteredUserId the user in the caller's filter
 * @returns undefined for the lists of all users
 * @throws ExpectedError FORBIDDEN if the caller may not read this list
 */
export function resolveListOwner(
  caller: Actor,
  filteredUserId: string | null | undefined,
): string | undefined {
  const listed = resolveCallerListScope(caller, filteredUserId);
  if (listed.kind !== 'forbidden') return listed.kind === 'one' ? listed.userId : undefined;
  const message = 'Only an operator may list data of another user. Remove userId from the filter.';
  throw createInputError([{ path: ['filter', 'userId'], code: 'FORBIDDEN', message }]);
}

/** Creates the error for input faults: FORBIDDEN with only those faults if one has that code, else BAD_USER_INPUT. */
export function createInputError(faults: readonly InputFault[]): ExpectedError {
  const reported = prioritizeForbiddenFaults(faults);
  const message = reported.faults.map((fault) => fault.message).join(' ');
  return new ExpectedError(reported.code, message, { faults: reported.faults });
}
