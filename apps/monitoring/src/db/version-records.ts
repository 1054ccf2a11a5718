import type { RuleVersion } from '@seguridad-abc/evaluation';
import { and, asc, eq, gt, gte, lt, sql } from 'drizzle-orm';
import type { VersionChange } from '../domain/rule-version-change.js';
import type { Db } from './open.js';
import { placeholders } from './prepared.js';
import { ruleVersions } from './schema.js';

/** After every instant. */
const ENDLESS = 8_640_000_000_000_000;

/** What the rules of openings say, and said; to be used inside a transaction. */
export function createVersionRecords(db: Db) {
  const ofOpening = db
    .select()
    .from(ruleVersions)
    .where(
      and(
        eq(ruleVersions.openingId, sql.placeholder('openingId')),
        gt(ruleVersions.validUntil, sql.placeholder('from')),
        lt(ruleVersions.validFrom, sql.placeholder('until')),
      ),
    )
    .orderBy(asc(ruleVersions.ruleId), asc(ruleVersions.validFrom))
    .prepare();
  const ofRule = db
    .select()
    .from(ruleVersions)
    .where(
      and(
        eq(ruleVersions.ruleId, sql.placeholder('ruleId')),
        gt(ruleVersions.validUntil, sql.placeholder('from')),
        lt(ruleVersions.validFrom, sql.placeholder('until')),
      ),
    )
    .orderBy(asc(ruleVersions.validFrom))
    .prepare();
  const ofPresent = and(
    eq(ruleVersions.ruleId, sql.placeholder('ruleId')),
    eq(ruleVersions.validUntil, ENDLESS),
  );
  const forget = db
    .delete(ruleVersions)
    .where(and(ofPresent, gte(ruleVersions.validFrom, sql.placeholder('at'))))
    .prepare();
  const end = db
    .update(ruleVersions)
    .set({ validUntil: sql`${sql.placeholder('at')}` })
    .where(ofPresent)
    .prepare();
  const begin = db.insert(ruleVersions).values(placeholders(ruleVersions)).prepare();

  return {
    /** By rule, in order: the versions that hold at any time from an instant up to another, null being never. */
    ofOpening(openingId: number, from: number, until: number | null): Map<string, RuleVersion[]> {
      const byRule = new Map<string, RuleVersion[]>();
      for (const row of ofOpening.all({ openingId, from, until: until ?? ENDLESS })) {
        const versions = byRule.get(row.ruleId);
        if (versions) versions.push(versionOf(row));
        else byRule.set(row.ruleId, [versionOf(row)]);
      }
      return byRule;
    },

    ofRule: (ruleId: string, from: number, until: number | null): RuleVersion[] =>
      ofRule.all({ ruleId, from, until: until ?? ENDLESS }).map(versionOf),

    change(ruleId: string, openingId: number, { endsAt, next }: VersionChange): void {
      forget.run({ ruleId, at: endsAt });
      end.run({ ruleId, at: endsAt });
      if (next) {
        begin.run({ ...next, ruleId, openingId, validFrom: next.from, validUntil: ENDLESS });
      }
    },
  };
}

const versionOf = ({
  validFrom,
  validUntil,
  opensAt,
  closesAt,
  days,
  timeZone,
  maxOpenSeconds,
}: typeof ruleVersions.$inferSelect): RuleVersion => ({
  from: validFrom,
  until: validUntil === ENDLESS ? null : validUntil,
  enabled: true,
  opensAt,
  closesAt,
  days,
  timeZone,
  maxOpenSeconds,
});
