import type { Actor } from './actor.js';

/** Whether a caller may read rules, openings and alarms, or hear of their changes: devices only record. */
export const canReadAlarms = ({ role }: Actor): boolean => role !== 'device';

/** To everyone but operators, what belongs to another user is not there. */
export const canAccessUser = (caller: Actor, userId: string): boolean =>
  caller.role === 'operator' || caller.id === userId;

/**
 * Whose things a caller lists, by the user that he names, if any.
 * @returns the user's id, null for those of all users, or undefined where he may not list these
 */
export function resolveListedUser(
  caller: Actor,
  named: string | null | undefined,
): string | null | undefined {
  if (named === null || named === undefined) return caller.role === 'operator' ? null : caller.id;
  return canAccessUser(caller, named) ? named : undefined;
}
