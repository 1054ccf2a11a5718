import { z } from 'zod';

/**
 * - `customer` reads and changes what belongs to its user.
 * - `operator` acts for every user.
 * - `device` records readings of its user, or of some openings. It may do nothing else.
 */
export const ROLES = ['customer', 'operator', 'device'] as const;
export type Role = (typeof ROLES)[number];

/** The verified caller that causes an event. */
export const actorSchema = z.object({
  /** The user's id. */
  id: z.string().min(1),
  role: z.enum(ROLES),
  /** The id of the registered device, if the caller is one. */
  device: z.string().min(1).optional(),
});
export type Actor = z.infer<typeof actorSchema>;

/** Whether a caller may read rules, openings and alarms, and subscribe to their changes. */
export const canReadUserData = ({ role }: Actor): boolean => role !== 'device';

/** Whether a caller may see what belongs to a user. To other callers it looks as if it did not exist. */
export const canAccessUser = (caller: Actor, userId: string): boolean =>
  caller.role === 'operator' || caller.id === userId;

/** The users whose rules, openings or alarms a caller may list. `forbidden`: the caller asked for another user. */
export type CallerListScope =
  | { readonly kind: 'one'; readonly userId: string }
  | { readonly kind: 'all' }
  | { readonly kind: 'forbidden' };

/**
 * Resolves the users whose rules, openings or alarms a caller lists.
 * @param requestedUserId the user that the caller asks for; null or absent: all that the caller may see
 */
export function resolveCallerListScope(
  caller: Actor,
  requestedUserId: string | null | undefined,
): CallerListScope {
  if (requestedUserId === null || requestedUserId === undefined) {
    return caller.role === 'operator' ? { kind: 'all' } : { kind: 'one', userId: caller.id };
  }
  return canAccessUser(caller, requestedUserId)
    ? { kind: 'one', userId: requestedUserId }
    : { kind: 'forbidden' };
}
