import { hash, randomBytes } from 'node:crypto';
import { ACCEPTED_OUTCOME, PRUNE_AUDIT_TRAIL_ACTION, type AuditEntry } from '@seguridad-abc/contracts';
import { toCanonicalJson } from './canonical-json.js';

/** The `previousHash` of the first entry. */
export const FIRST_PREVIOUS_HASH = '0'.repeat(64);

const SALT_BYTES = 16;
/** Salts that are created at once: a call for each one costs as much as a hash. */
const SALTS_PER_POOL = 256;
let saltPool = Buffer.alloc(0);

/** A random text that keeps a hash of personal data from being found by trying values. */
export function createAuditSalt(): string {
  if (saltPool.length === 0) saltPool = randomBytes(SALT_BYTES * SALTS_PER_POOL);
  const salt = saltPool.toString('base64url', 0, SALT_BYTES);
  saltPool = saltPool.subarray(SALT_BYTES);
  return salt;
}

type ActorPart = NonNullable<AuditEntry['actor']>;
type SubjectPart = NonNullable<AuditEntry['subject']>;

// The fields below are in alphabetical order, so that `JSON.stringify` writes canonical JSON.

/** The hash of the caller's part of an entry. */
export const hashActorPart = ({ address, device, id, salt }: ActorPart): string =>
  hashText(JSON.stringify({ address, device, id, salt }));

/** The user's part of an entry, with the changed fields as canonical JSON. */
type SubjectPartWithJson = Omit<SubjectPart, 'before' | 'after'> & {
  readonly before: string | null;
  readonly after: string | null;
};

/** The hash of the user's part of an entry whose changed fields are canonical JSON already. */
export const hashSubjectPartWithJson = ({ after, before, id, salt, userId }: SubjectPartWithJson): string =>
  hashText(
    `{"after":${after ?? 'null'},"before":${before ?? 'null'},${JSON.stringify({ id, salt, userId }).slice(1)}`,
  );

/** The hash of the user's part of an entry. */
export const hashSubjectPart = (part: SubjectPart): string =>
  hashSubjectPartWithJson({
    ...part,
    before: toCanonicalJson(part.before),
    after: toCanonicalJson(part.after),
  });

/** The hash of an entry. It covers the personal data only through their hashes, so it remains valid after an erasure. */
export const hashAuditEntry = (entry: Omit<AuditEntry, 'actor' | 'subject' | 'hash'>): string =>
  hashText(
    JSON.stringify({
      action: entry.action,
      actorHash: entry.actorHash,
      at: entry.at,
      count: entry.count,
      firstAt: entry.firstAt,
      lastAt: entry.lastAt,
      outcome: entry.outcome,
      previousHash: entry.previousHash,
      role: entry.role,
      sequence: entry.sequence,
      subjectHash: entry.subjectHash,
    }),
  );

const hashText = (text: string): string => hash('sha256', text, 'hex');

/** A place in the audit trail: the sequence number of an entry and its hash. */
export interface AuditAnchor {
  readonly sequence: number;
  readonly hash: string;
}

/** Why an entry does not verify. */
export interface AuditProblem {
  readonly sequence: number;
  readonly problem: string;
}

/** Writes an anchor as the tools print it, and as the audit trail records what was pruned. */
export const formatAuditAnchor = ({ sequence, hash }: AuditAnchor): string => `${sequence}:${hash}`;

/** @returns undefined if the text is no anchor */
export function parseAuditAnchor(text: string): AuditAnchor | undefined {
  const [, sequence, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  return hash === undefined ? undefined : { sequence: Number(sequence), hash };
}

/** Verifies the entries of an audit trail one after another. */
export interface AuditVerifier {
  /** The entry before the first one: the last one that was pruned, or sequence 0. */
  readonly start: AuditAnchor;
  /** The last entry that was verified. */
  readonly head: AuditAnchor;
  /** @param entry the next one */
  verify(entry: AuditEntry): AuditProblem[];
  /** To be called after the last entry: checks that the trail records the pruning of the entries that are missing before the first. */
  verifyStart(): AuditProblem[];
}

const EMPTY_TRAIL: AuditAnchor = { sequence: 0, hash: FIRST_PREVIOUS_HASH };

/** @param known the entry before the first one that is verified. @default the trail is verified from its first entry */
export function createAuditVerifier(known?: AuditAnchor): AuditVerifier {
  let start = known;
  let head = known ?? EMPTY_TRAIL;
  let pruned: AuditAnchor | undefined;
  return {
    get start() {
      return start ?? EMPTY_TRAIL;
    },
    get head() {
      return head;
    },
    verify(entry) {
      const { sequence, actor, subject } = entry;
      const problems: string[] = [];
      if (!start) {
        start = sequence > 1 ? { sequence: sequence - 1, hash: entry.previousHash } : EMPTY_TRAIL;
        head = start;
      }
      pruned = findPruned(entry) ?? pruned;
      const expected = head.sequence + 1;
      if (sequence > expected) problems.push(`The entries ${expected} to ${sequence - 1} are missing.`);
      if (sequence < expected) problems.push('The entry is out of order.');
      if (entry.previousHash !== head.hash) problems.push('It does not continue the entry before.');
      if (hashAuditEntry(entry) !== entry.hash) problems.push('The entry was changed.');
      if (actor && hashActorPart(actor) !== entry.actorHash) problems.push('The caller was changed.');
      if (subject && hashSubjectPart(subject) !== entry.subjectHash)
        problems.push('The user, the subject or the changes were changed.');
      head = { sequence, hash: entry.hash };
      return problems.map((problem) => ({ sequence, problem }));
    },
    verifyStart() {
      const { sequence = 0, hash } = (known ? undefined : start) ?? {};
      if (sequence === 0) return [];
      // Entries are deleted after the record was written, some at a time.
      const isRecorded =
        pruned && (pruned.sequence === sequence ? pruned.hash === hash : pruned.sequence > sequence);
      if (isRecorded) return [];
      const problem = `The entries 1 to ${sequence} are missing, and the trail does not record that they were pruned.`;
      return [{ sequence, problem }];
    },
  };
}

/** Finds the last entry that was pruned according to an entry of the trail. */
const findPruned = ({ action, outcome, subject }: AuditEntry): AuditAnchor | undefined =>
  action === PRUNE_AUDIT_TRAIL_ACTION && outcome === ACCEPTED_OUTCOME
    ? parseAuditAnchor(subject?.id ?? '')
    : undefined;

/**
 * What names a user in the event log and the audit trail after its data was erased. Without the salt, or without knowing the
 * user's id, it cannot be traced to the user.
 */
export const createUserPseudonym = (salt: string, userId: string): string =>
  hashText(JSON.stringify({ salt, userId }));
