import { readFileSync } from 'node:fs';
import { auditEntrySchema, type AuditEntry } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createAuditSalt,
  createAuditVerifier,
  createUserPseudonym,
  formatAuditAnchor,
  FIRST_PREVIOUS_HASH,
  hashActorPart,
  hashAuditEntry,
  hashSubjectPart,
  parseAuditAnchor,
} from './audit-chain.js';

const AT = '2026-01-31T08:00:00.000Z';

const contentArbitrary = fc.record({
  action: fc.constantFrom('createRule', 'recordReadings'),
  outcome: fc.constantFrom('ACCEPTED', 'FORBIDDEN'),
  role: fc.constantFrom('customer' as const, 'operator' as const, null),
  count: fc.integer({ min: 1, max: 1_000 }),
  id: fc.option(fc.string()),
  address: fc.option(fc.ipV4()),
  userId: fc.option(fc.string()),
  after: fc.option(fc.dictionary(fc.string(), fc.jsonValue())),
});

/** Builds a valid trail. */
function createTrail(
  contents: readonly (typeof contentArbitrary extends fc.Arbitrary<infer T> ? T : never)[],
) {
  const trail: AuditEntry[] = [];
  for (const { id, address, userId, after, ...content } of contents) {
    const actor = { id, address, salt: createAuditSalt() };
    const subject = { userId, id: null, before: null, after, salt: createAuditSalt() };
    const covered = {
      ...content,
      sequence: trail.length + 1,
      at: AT,
      firstAt: AT,
      lastAt: AT,
      actorHash: hashActorPart(actor),
      subjectHash: hashSubjectPart(subject),
      previousHash: trail.at(-1)?.hash ?? FIRST_PREVIOUS_HASH,
    };
    trail.push({ ...covered, actor, subject, hash: hashAuditEntry(covered) });
  }
  // As after storage or export.
  return JSON.parse(JSON.stringify(trail)) as AuditEntry[];
}

function verify(trail: readonly AuditEntry[]) {
  const verifier = createAuditVerifier();
  return [...trail.flatMap((entry) => verifier.verify(entry)), ...verifier.verifyStart()];
}

const ORDINARY = { action: 'createRule', outcome: 'ACCEPTED', role: null, count: 1 } as const;
const NO_PERSON = { id: null, address: null, userId: null, after: null };

/** Builds a trail of 10 entries whose last one records what was pruned. */
function createPrunedTrail(subject: (trail: readonly AuditEntry[]) => string | null) {
  const before = createTrail(Array.from({ length: 9 }, () => ({ ...ORDINARY, ...NO_PERSON })));
  const last = before.at(-1)!;
  const actor = { id: 'monitoring', address: null, salt: 's' };
  const part = { userId: null, id: subject(before), before: null, after: null, salt: 's' };
  const covered = {
    ...ORDINARY,
    action: 'pruneAuditTrail',
    sequence: 10,
    at: AT,
    firstAt: AT,
    lastAt: AT,
    actorHash: hashActorPart(actor),
    subjectHash: hashSubjectPart(part),
    previousHash: last.hash,
  };
  return [...before, { ...covered, actor, subject: part, hash: hashAuditEntry(covered) }] as AuditEntry[];
}

const trailArbitrary = fc.array(contentArbitrary, { minLength: 2, maxLength: 8 }).map(createTrail);

test('an unchanged trail verifies, also after the erasure of any personal data', () => {
  fc.assert(
    fc.property(trailArbitrary, fc.infiniteStream(fc.boolean()), (trail, erased) => {
      const isErased = () => erased.next().value === true;
      const after = trail.map((entry) => ({
        ...entry,
        actor: isErased() ? null : entry.actor,
        subject: isErased() ? null : entry.subject,
      }));
      expect(verify(after)).toEqual([]);
    }),
  );
});

test('every changed field, also below the parts, is found', () => {
  const paths = [
    ...(['sequence', 'at', 'action', 'outcome', 'role', 'count', 'firstAt', 'lastAt'] as const),
    ...(['actorHash', 'subjectHash', 'previousHash', 'hash'] as const),
    ...(['actor.id', 'actor.address', 'actor.salt'] as const),
    ...(['subject.userId', 'subject.id', 'subject.before', 'subject.after', 'subject.salt'] as const),
  ];
  fc.assert(
    fc.property(trailArbitrary, fc.nat(), fc.constantFrom(...paths), (trail, index, path) => {
      const entry = trail[index % trail.length] as unknown as Record<string, unknown>;
      const [name = '', field] = path.split('.');
      if (field === undefined) entry[name] = typeof entry[name] === 'number' ? entry[name] + 1 : 'changed';
      else (entry[name] as Record<string, unknown>)[field] = 'changed';
      expect(verify(trail)).not.toEqual([]);
    }),
  );
});

test('a removed, repeated or reordered entry is found', () => {
  fc.assert(
    fc.property(
      trailArbitrary,
      fc.nat(),
      fc.constantFrom('remove', 'repeat', 'swap'),
      (trail, at, change) => {
        const index = at % (trail.length - 1);
        const [entry, next] = trail.slice(index, index + 2) as [AuditEntry, AuditEntry];
        const replaced = { remove: [next], repeat: [entry, entry, next], swap: [next, entry] }[change];
        trail.splice(index, 2, ...replaced);
        expect(verify(trail)).not.toEqual([]);
      },
    ),
  );
});

test('the problem names the missing entries', () => {
  const trail = createTrail(Array.from({ length: 5 }, () => ({ ...ORDINARY, ...NO_PERSON })));
  trail.splice(1, 2);
  expect(verify(trail)).toContainEqual({ sequence: 4, problem: 'The entries 2 to 3 are missing.' });
});

test('entries may be missing before the first one if the trail records that they were pruned', () => {
  const prunedUntil = (length: number) => (trail: readonly AuditEntry[]) =>
    formatAuditAnchor(trail[length - 1]!);
  expect(verify(createPrunedTrail(prunedUntil(4)).slice(4))).toEqual([]);
  // The entries are deleted some at a time.
  expect(verify(createPrunedTrail(prunedUntil(4)).slice(2))).toEqual([]);
  const problem = 'The entries 1 to 5 are missing, and the trail does not record that they were pruned.';
  expect(verify(createPrunedTrail(prunedUntil(4)).slice(5))).toEqual([{ sequence: 5, problem }]);
  expect(verify(createPrunedTrail(() => null).slice(5))).toEqual([{ sequence: 5, problem }]);
  const otherHash = () => `5:${'a'.repeat(64)}`;
  expect(verify(createPrunedTrail(otherHash).slice(5))).toEqual([{ sequence: 5, problem }]);
});

test('an anchor is written and read', () => {
  const anchor = { sequence: 1_042, hash: '9f'.repeat(32) };
  expect(parseAuditAnchor(formatAuditAnchor(anchor))).toEqual(anchor);
  for (const text of ['', '1', `1:${'x'.repeat(64)}`, ` 1:${anchor.hash}`])
    expect(parseAuditAnchor(text)).toBeUndefined();
});

test('the documented example verifies', () => {
  const documentation = readFileSync(new URL('../../../docs/audit.md', import.meta.url), 'utf8');
  const [, example = ''] = /```json\n(\{\n {2}"sequence": 1,.*?)```/s.exec(documentation) ?? [];
  expect(verify([auditEntrySchema.parse(JSON.parse(example))])).toEqual([]);
});

test('a pseudonym depends on salt and user', () => {
  const pseudonym = createUserPseudonym('salt', 'ana');
  expect(createUserPseudonym('salt', 'ana')).toBe(pseudonym);
  expect(createUserPseudonym('other', 'ana')).not.toBe(pseudonym);
  expect(createUserPseudonym('salt', 'bob')).not.toBe(pseudonym);
});
