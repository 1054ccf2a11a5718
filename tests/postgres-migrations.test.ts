import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const FOLDERS = ['apps/monitoring/drizzle-postgres', 'apps/heartbeat/drizzle-postgres'];
const MIGRATIONS = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => join(folder, name)),
);
/** Statements that instances of the release before notice: what they use is gone, or what they write is refused. */
const CONTRACTIONS =
  /\bDROP\s+(TABLE|COLUMN|SCHEMA|DEFAULT)\b|\bRENAME\b|\bSET\s+NOT\s+NULL\b|\bSET\s+DATA\s+TYPE\b|\bADD\s+CONSTRAINT\b|\bADD\s+COLUMN\b(?![^;]*\bDEFAULT\b)[^;]*\bNOT\s+NULL\b/i;
/** Migrations that remove what the release before does not use any more. docs/deployment.md has the rule. */
const REVIEWED: readonly string[] = [];

test.each([
  ['alter table x drop column y', true],
  ['ALTER TABLE "x" RENAME COLUMN "y" TO "z"', true],
  ['ALTER TABLE "x" ADD COLUMN "y" bigint NOT NULL', true],
  ['ALTER TABLE "x" ADD COLUMN "y" bigint DEFAULT 0 NOT NULL', false],
  ['ALTER TABLE "x" ADD COLUMN "y" bigint', false],
  ['ALTER TABLE "x" ALTER COLUMN "y" SET NOT NULL', true],
  ['CREATE TABLE "x" ("y" bigint NOT NULL)', false],
])('%s contracts a schema: %s', (statement, isContraction) => {
  expect(CONTRACTIONS.test(statement)).toBe(isContraction);
});

// While instances are replaced one by one, those of the release before use the migrated tables.
test.each(MIGRATIONS)('%s only adds to the schema', (file) => {
  const statements = readFileSync(file, 'utf8').split('--> statement-breakpoint');
  const contractions = statements.filter((statement) => CONTRACTIONS.test(statement));
  if (!REVIEWED.includes(file)) expect(contractions).toEqual([]);
});
