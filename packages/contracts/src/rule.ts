import { z } from 'zod';
import { instantSchema } from './instant.js';

export const WEEKDAYS = [
  'MONDAY',
  'TUESDAY',
  'WEDNESDAY',
  'THURSDAY',
  'FRIDAY',
  'SATURDAY',
  'SUNDAY',
] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export const SEVERITIES = ['INFO', 'WARNING', 'CRITICAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A rule as a whole at one version, with everything that a reader needs to know of it. */
export const ruleStateSchema = z.object({
  id: z.string(),
  userId: z.string(),
  name: z.string(),
  opening: z.string(),
  /** Wall clock `HH:mm` or `HH:mm:ss`; null together with `closesAt` where the rule has no hours. */
  opensAt: z.string().nullable(),
  closesAt: z.string().nullable(),
  /** In the order of the week. */
  days: z.array(z.enum(WEEKDAYS)),
  /** IANA name. */
  timeZone: z.string(),
  maxOpenSeconds: z.int().positive().nullable(),
  severity: z.enum(SEVERITIES),
  enabled: z.boolean(),
  effectiveFrom: instantSchema,
  createdAt: instantSchema,
  updatedAt: instantSchema,
  deletedAt: instantSchema.nullable(),
  /** 1 at creation, one more at each change. */
  version: z.int().positive(),
});
export type RuleState = z.infer<typeof ruleStateSchema>;
