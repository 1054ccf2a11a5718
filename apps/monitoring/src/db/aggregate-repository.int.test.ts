import { ruleStateSchema } from '@seguridad-abc/contracts';
import { createRuleState } from '@seguridad-abc/contracts/testing';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { accept } from '../domain/decision.js';
import { OPERATOR } from '../testing/fixtures.js';
import { createGroupCommit } from './group-commit.js';
import { createSqliteIdempotencyKeys } from './idempotency-keys.js';
import { openMonitoringDatabase, type MonitoringDatabase } from './monitoring-database.js';
import { createSqliteAggregateRepository } from './sqlite-aggregate-repository.js';

let folder: ReturnType<typeof temporaryFolder>;
let database: MonitoringDatabase;
beforeEach(() => {
  folder = temporaryFolder();
  database = openMonitoringDatabase(folder.path);
});
afterEach(() => {
  database.close();
  folder.remove();
});

it('a result that an older version stored has the defaults of the fields that are new since', async () => {
  const keys = createSqliteIdempotencyKeys(database.db);
  const key = { caller: 'operator:olga', key: 'once', fingerprint: 'createRule' };
  const stored = createRuleState();
  keys.store(key, stored, stored.updatedAt);
  const unchanged: string[] = [];
  const repository = createSqliteAggregateRepository(
    {
      stateSchema: ruleStateSchema.extend({ color: z.string().nullable().default(null) }),
      find: () => undefined,
      findAll: () => [],
      evolve: () => expect.unreachable(),
      save: () => expect.unreachable(),
    },
    {
      appendEvent: () => expect.unreachable(),
      appendAuditEntry: () => expect.unreachable(),
      auditSummaries: { record: (attempt) => void unchanged.push(attempt.outcome) },
      keys,
      transact: createGroupCommit(database.db, 1),
      now: () => stored.updatedAt,
    },
  );
  const repeated = {
    name: 'createRule',
    id: stored.id,
    caller: OPERATOR,
    decide: () => accept<never>(),
    key,
  };
  expect(await repository.execute(repeated)).toEqual({ kind: 'saved', state: { ...stored, color: null } });
  expect(unchanged).toEqual(['UNCHANGED']);
});
