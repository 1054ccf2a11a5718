import { z } from 'zod';
import { ruleStateSchema } from './rule.js';

/** Told once the change can be read in reports. */
export const ruleChangeSchema = z.object({
  v: z.literal(1),
  kind: z.enum(['CREATED', 'UPDATED', 'DELETED']),
  /** The log position of the change. */
  position: z.int().positive(),
  rule: ruleStateSchema,
});
export type RuleChange = z.infer<typeof ruleChangeSchema>;
