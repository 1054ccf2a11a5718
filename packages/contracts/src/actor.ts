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
