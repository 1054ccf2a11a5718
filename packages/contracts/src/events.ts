import { z } from 'zod';

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

/** An instant as every contract writes it: UTC, milliseconds, `2026-01-31T08:00:00.000Z`. Sorts as text. */
export const instant = z.iso.datetime({ precision: 3 });

/** A rule as a whole at one version, with everything that a reader needs to know of it. */
export const ruleState = z.object({
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
  effectiveFrom: instant,
  createdAt: instant,
  updatedAt: instant,
  deletedAt: instant.nullable(),
  /** 1 at creation, one more at each change. */
  version: z.int().positive(),
});
export type RuleState = z.infer<typeof ruleState>;

const ruleCreated = z.object({
  type: z.literal('RuleCreated'),
  version: z.literal(1),
  data: z.object({ rule: ruleState }),
});
const ruleUpdated = z.object({
  type: z.literal('RuleUpdated'),
  version: z.literal(1),
  data: z.object({ rule: ruleState }),
});
const ruleDeleted = z.object({
  type: z.literal('RuleDeleted'),
  version: z.literal(1),
  data: z.object({ rule: ruleState }),
});

/** What can happen in monitoring. Each event carries the rule's whole new state, so a reader may start anywhere. */
export const monitoringEvent = z.discriminatedUnion('type', [ruleCreated, ruleUpdated, ruleDeleted]);
export type MonitoringEvent = z.infer<typeof monitoringEvent>;
