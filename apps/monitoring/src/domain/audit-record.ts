import type { AuditAttempt, ChangedFields } from '@seguridad-abc/contracts';

/** What the audit trail records of an attempt, or of several equal ones. */
export interface AuditRecord extends AuditAttempt {
  readonly before?: ChangedFields | null;
  readonly after?: ChangedFields | null;
  /** @default 1 */
  readonly count?: number;
  /** @default the instant of the entry */
  readonly firstAt?: string;
  readonly lastAt?: string;
}

/**
 * Appends an entry to the audit trail. To be called inside the transaction that writes what the entry describes. The entry is
 * written at the end of the transaction, unless `flushAppends` is called before.
 * @param at the server's instant
 */
export type AppendAuditEntry = (record: AuditRecord, at: string) => void;

/** The values of the fields that a command changed. */
export interface AggregateChange {
  /** Null for a new rule. */
  readonly before: ChangedFields | null;
  readonly after: ChangedFields;
}

/** The audit trail records them beside the changes. */
interface IdentifyingFields {
  readonly id: string;
  readonly userId: string;
}

/** Compares two states of a rule or an alarm. @param before undefined for a new one, of which all fields are returned */
export function findChangedFields(
  before: IdentifyingFields | undefined,
  state: IdentifyingFields,
): AggregateChange {
  const after: { id?: string; userId?: string } = { ...state };
  delete after.id;
  delete after.userId;
  if (!before) return { before: null, after };
  const valuesBefore: Readonly<Record<string, unknown>> = { ...before };
  const changed = Object.entries(after).filter(([name, value]) => !hasEqualJson(valuesBefore[name], value));
  return {
    before: Object.fromEntries(changed.map(([name]) => [name, valuesBefore[name] ?? null])),
    after: Object.fromEntries(changed),
  };
}

/** Lists and objects of a state always have their fields in the same order. */
const hasEqualJson = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
