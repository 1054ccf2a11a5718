import { z } from 'zod';

/**
 * - `customer` reads and changes what belongs to its user.
 * - `operator` acts for every user.
 * - `device` records readings of its user. It may do nothing else.
 */
export const ROLES = ['customer', 'operator', 'device'] as const;
export type Role = (typeof ROLES)[number];

/** The verified caller that causes an event. */
export const actorSchema = z.object({
  /** The user's id. */
  id: z.string().min(1),
  role: z.enum(ROLES),
});
export type Actor = z.infer<typeof actorSchema>;

/** Whether a caller may read rules, openings and alarms, and subscribe to their changes. */
export const canReadUserData = ({ role }: Actor): boolean => role !== 'device';

/** Whether a caller may see what belongs to a user. Otherwise it is treated as not existing. */
export const canAccessUser = (caller: Actor, userId: string): boolean =>
  caller.role === 'operator' || caller.id === userId;

/**
 * Resolves the user whose rules, openings or alarms a caller lists.
 * @param requestedUserId the user that the caller asks for; null or absent: all that the caller may see
 * @returns the user's id; null for all users; undefined if the caller may not list them
 */
export function resolveListedUsers(
  caller: Actor,
  requestedUserId: string | null | undefined,
): string | null | undefined {
  if (requestedUserId === null || requestedUserId === undefined) {
    return caller.role === 'operator' ? null : caller.id;
  }
  return canAccessUser(caller, requestedUserId) ? requestedUserId : undefined;
}
