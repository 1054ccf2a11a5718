import { z } from 'zod';
import { ROLES } from './actor.js';
import { instantSchema } from './instant.js';

/** The outcome of a command that changed something. Other outcomes are `UNCHANGED` and the codes of errors. */
export const ACCEPTED_OUTCOME = 'ACCEPTED';
/** The outcome of an accepted command that changed nothing: it was repeated, or its values were the present ones. */
export const UNCHANGED_OUTCOME = 'UNCHANGED';

/**
 * The action with which the audit trail records that old entries are deleted. The subject is the last one as an anchor,
 * `<sequence>:<hash>`.
 */
export const PRUNE_AUDIT_TRAIL_ACTION = 'pruneAuditTrail';

/** The largest number of characters of each text of an audit record. */
export const MAX_AUDIT_TEXT_LENGTH = 128;

const auditTextSchema = z.string().max(MAX_AUDIT_TEXT_LENGTH);

/** What was attempted, by whom, and how it ended: the content of an audit entry without its changes. */
const auditAttemptSchema = z.object({
  /** The command or operation. */
  action: auditTextSchema,
  /** `ACCEPTED`, `UNCHANGED`, or the code of an error. */
  outcome: auditTextSchema,
  /** Null for an anonymous caller. */
  role: z.enum(ROLES).nullable(),
  /** The id of the caller; null if it is anonymous. */
  actor: auditTextSchema.nullable(),
  /** The id of the registered device, if the caller is one. */
  device: auditTextSchema.optional(),
  /** The IP address of the client; null if it is not known. */
  address: auditTextSchema.nullable(),
  /** The user whose data the action concerns; null if it is not known. */
  userId: auditTextSchema.nullable(),
  /** The id or name of what the action concerns, such as a rule; null if it is not known. */
  subject: auditTextSchema.nullable(),
});
export type AuditAttempt = z.infer<typeof auditAttemptSchema>;

/** Equal attempts of one caller within a minute. */
export const auditSummarySchema = auditAttemptSchema.extend({
  count: z.int().positive(),
  firstAt: instantSchema,
  lastAt: instantSchema,
});
export type AuditSummary = z.infer<typeof auditSummarySchema>;

/** The largest number of summaries in one request to `POST /audit/summaries`. */
export const MAX_AUDIT_SUMMARIES = 200;

/**
 * Identifies a batch of summaries. A process sends its batches one after the other, with growing numbers; it repeats a batch with its
 * number and unchanged.
 */
export const auditBatchSchema = z.object({ sender: z.uuid(), batch: z.int().positive() });
export type AuditBatch = z.infer<typeof auditBatchSchema>;

/** The body of monitoring's `POST /audit/summaries`: refusals of the gateway. */
export const auditSummariesSchema = z.object({
  summaries: z.array(auditSummarySchema).max(MAX_AUDIT_SUMMARIES),
  /** Older gateways send none; a batch that they repeat can be stored twice. */
  id: auditBatchSchema.optional(),
});

/** The changed fields of a rule or an alarm. */
export const changedFieldsSchema = z.record(z.string(), z.unknown());
export type ChangedFields = z.infer<typeof changedFieldsSchema>;

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/);
const saltSchema = z.string().min(1);

/** An entry of the audit trail. docs/audit.md describes how its hashes are computed. */
export const auditEntrySchema = z.object({
  /** 1, 2, 3, ... without gaps. */
  sequence: z.int().positive(),
  /** When the entry was written. Never earlier than the entry before. */
  at: instantSchema,
  action: z.string(),
  outcome: z.string(),
  role: z.enum(ROLES).nullable(),
  /** The number of attempts that the entry summarizes. */
  count: z.int().positive(),
  firstAt: instantSchema,
  lastAt: instantSchema,
  /** Personal data of the caller. Null after its erasure. */
  actor: z
    .object({
      id: z.string().nullable(),
      /** Absent if the caller is no registered device. */
      device: z.string().optional(),
      address: z.string().nullable(),
      salt: saltSchema,
    })
    .nullable(),
  /** Personal data of the user concerned. Null after its erasure. */
  subject: z
    .object({
      userId: z.string().nullable(),
      id: z.string().nullable(),
      /** The changed fields before the command; null for a new rule and for refused commands. */
      before: changedFieldsSchema.nullable(),
      after: changedFieldsSchema.nullable(),
      salt: saltSchema,
    })
    .nullable(),
  /** The hash of `actor`, which remains after its erasure. */
  actorHash: hashSchema,
  /** The hash of `subject`, which remains after its erasure. */
  subjectHash: hashSchema,
  /** The hash of the entry before. */
  previousHash: hashSchema,
  /** The hash of all fields but `actor`, `subject` and itself. */
  hash: hashSchema,
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** The response of monitoring's `GET /audit`. */
export const auditPageSchema = z.object({
  /** The last sequence number that was ever given; 0 while the trail is empty. */
  head: z.int().nonnegative(),
  /** The last entry that was deleted because of its age; null if none was. */
  pruned: z.object({ sequence: z.int().positive(), hash: hashSchema }).nullable().default(null),
  entries: z.array(auditEntrySchema),
  /** Whether entries follow after this page. */
  hasMore: z.boolean(),
});
export type AuditPage = z.infer<typeof auditPageSchema>;

/** Which entries `GET /audit` returns, as parameters of its URL. */
export const auditQuerySchema = z.object({
  /** `ascending`: oldest first. */
  order: z.enum(['ascending', 'descending']).default('descending'),
  /** Only entries on this side of a sequence number, in the direction of the order. */
  after: z.coerce.number().int().nonnegative().optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
  actor: z.string().optional(),
  user: z.string().optional(),
  action: z.string().optional(),
  outcome: z.string().optional(),
  /** Only entries at or after this instant. */
  from: instantSchema.optional(),
  /** Only entries before this instant. */
  until: instantSchema.optional(),
});
export type AuditQuery = z.infer<typeof auditQuerySchema>;
