import {
  MAX_AUDIT_SUMMARIES,
  MAX_AUDIT_TEXT_LENGTH,
  type AuditAttempt,
  type AuditSummary,
} from '@seguridad-abc/contracts';

/** Equal attempts of one caller are summarized over this time. */
const WINDOW_MS = 60_000; // 1 minute
/** Summaries of one caller in a window. Further attempts are counted by outcome, whatever the action is. */
const MAX_SUMMARIES_PER_CALLER = 10;
/** Summaries of the callers of one address in a window, so that one client with many identities does not hide those of others. */
const MAX_SUMMARIES_PER_ADDRESS = 100;
/** The action of a summary of different actions, and of one of different callers. */
const DIFFERENT_ACTIONS = 'different actions';

/**
 * Summarizes attempts that change nothing, so that a caller who repeats them cannot fill the disk. The first attempt of a
 * caller is emitted at once. Repetitions are counted, and emitted as one summary at the end of the minute.
 */
export interface AuditSummaries {
  /** @param count how often it was attempted. @default 1 */
  readonly record: (attempt: AuditAttempt, count?: number) => void;
  /** Emits what is pending. To be called before the process stops. */
  readonly flush: () => void;
}

export interface AuditSummariesOptions {
  readonly emit: (summaries: readonly AuditSummary[]) => void;
  /** The server's instant. */
  readonly now: () => string;
  /** Summaries in a window. Further callers are counted together, by outcome. @default {@link MAX_AUDIT_SUMMARIES} */
  readonly maxSummaries?: number;
  /** Returns what counts as one address. @default the address itself */
  readonly getAddressGroup?: (address: string) => string;
}

/** Counts repetitions of an attempt in the present window. */
interface AttemptCounter extends AuditAttempt {
  count: number;
  firstAt: string;
  lastAt: string;
}

/** Memory is bounded: a window has a limited number of counters, and their texts a limited length. */
export function createAuditSummaries({
  emit,
  now,
  maxSummaries = MAX_AUDIT_SUMMARIES,
  getAddressGroup = (address) => address,
}: AuditSummariesOptions): AuditSummaries {
  const counters = new Map<string, AttemptCounter>();
  const summariesByCaller = new Map<string, number>();
  const summariesByAddress = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const pending = [...counters.values()].filter(({ count }) => count > 0);
    counters.clear();
    summariesByCaller.clear();
    summariesByAddress.clear();
    if (pending.length > 0) emit(pending.map((counter) => ({ ...counter })));
  };

  const add = (key: string, attempt: AuditAttempt, count: number): AttemptCounter => {
    const at = now();
    const counter = { ...attempt, count, firstAt: at, lastAt: at };
    counters.set(key, counter);
    timer ??= setTimeout(flush, WINDOW_MS).unref();
    return counter;
  };

  const increment = (key: string, attempt: AuditAttempt, count: number) => {
    const counter = counters.get(key);
    if (!counter) {
      add(key, attempt, count);
      return;
    }
    counter.lastAt = now();
    if (counter.count === 0) counter.firstAt = counter.lastAt;
    counter.count += count;
  };

  return {
    record(attempt, count = 1) {
      const address = attempt.address === null ? '' : getAddressGroup(attempt.address);
      const caller = createKey(
        attempt.role,
        attempt.actor,
        attempt.actor === null ? address : null,
        attempt.device,
      );
      const key = createKey(caller, attempt.outcome, attempt.action);
      if (counters.has(key)) {
        increment(key, attempt, count);
        return;
      }
      // A window also has a counter for each outcome of other callers. They are few.
      if (counters.size >= maxSummaries) {
        const others = { ...attempt, ...NOBODY, action: DIFFERENT_ACTIONS };
        increment(createKey('others', attempt.outcome), others, count);
        return;
      }
      const ofCaller = summariesByCaller.get(caller) ?? 0;
      if (ofCaller >= MAX_SUMMARIES_PER_CALLER) {
        const other = { ...limitTexts(attempt), ...NO_SUBJECT, action: DIFFERENT_ACTIONS };
        increment(createKey(caller, attempt.outcome), other, count);
        return;
      }
      // Processes of the installation have no address.
      const ofAddress = address === '' ? 0 : (summariesByAddress.get(address) ?? 0);
      if (ofAddress >= MAX_SUMMARIES_PER_ADDRESS) {
        const others = { ...limitTexts(attempt), ...NO_CALLER, action: DIFFERENT_ACTIONS };
        increment(createKey('address', address, attempt.outcome, null), others, count);
        return;
      }
      summariesByCaller.set(caller, ofCaller + 1);
      summariesByAddress.set(address, ofAddress + 1);
      const counter = add(key, limitTexts(attempt), count);
      emit([{ ...counter }]);
      counter.count = 0;
    },
    flush,
  };
}

/** Joins the parts of a key. Ids may contain any character, so no separator would be safe. */
const createKey = (...parts: readonly (string | null | undefined)[]): string => JSON.stringify(parts);

const NO_SUBJECT = { userId: null, subject: null };
const NO_CALLER = { ...NO_SUBJECT, role: null, actor: null, device: undefined };
const NOBODY = { ...NO_CALLER, address: null };

/** Longer texts are not ids or names of this product. */
const limitTexts = (attempt: AuditAttempt): AuditAttempt => ({
  action: limitText(attempt.action),
  outcome: limitText(attempt.outcome),
  role: attempt.role,
  actor: attempt.actor && limitText(attempt.actor),
  ...(attempt.device !== undefined && { device: limitText(attempt.device) }),
  address: attempt.address && limitText(attempt.address),
  userId: attempt.userId && limitText(attempt.userId),
  subject: attempt.subject && limitText(attempt.subject),
});

/** A slice keeps the whole text in memory; a copy does not. */
const limitText = (text: string): string =>
  text.length <= MAX_AUDIT_TEXT_LENGTH ? text : Buffer.from(text.slice(0, MAX_AUDIT_TEXT_LENGTH)).toString();
