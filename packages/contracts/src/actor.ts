import { z } from 'zod';

/**
 * `customer`: reads and changes what is theirs; `operator`: acts for all; `device`: records the readings of its own user,
 * and nothing else.
 */
export const ROLES = ['customer', 'operator', 'device'] as const;
export type Role = (typeof ROLES)[number];

/** Who caused something: a caller whose token was verified. */
export const actorSchema = z.object({
  /** The user's id. */
  id: z.string().min(1),
  role: z.enum(ROLES),
});
export type Actor = z.infer<typeof actorSchema>;
