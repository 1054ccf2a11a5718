import { ruleStateSchema } from '@seguridad-abc/contracts';
import { createRuleState } from '@seguridad-abc/contracts/testing';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { accept } from '../domain/decision.js';
import { OPERATOR } from '../testing/fixtures.js';
import { createAggregateRepository } from './aggregate-repository.js';
import { createGroupCommit } from './group-commit.js';
import { createIdempotencyKeys } from './idempotency-keys.js';
import { createLogAppends } from './log-appends.js';
import { openMonitoringDatabase, type MonitoringDatabase } from './monitoring-database.js';
import { createUserLocks } from './user-locks.js';

let folder: ReturnType<typeof temporaryFolder>;
let database: MonitoringDatabase;
beforeEach(() => {
  folder = temporaryFolder();
  database = openMonitoringDatabase(folder.path);
});
afterEach(async () => {
  await database.close();
  folder.remove();
});

it('a result that an older version stored has the defaults of the fields that are new since', async () => {
  const { db } = database;
  const keys = createIdempotencyKeys(db);
  const key = { caller: 'operator:olga', key: 'once', fingerprint: 'createRule' };
  const stored = createRuleState();
  await keys.store(key, stored, stored.updatedAt);
  const unchanged: string[] = [];
  const repository = createAggregateRepository(
    {
      stateSchema: ruleStateSchema.extend({ color: z.string().nullable().default(null) }),
      find: () => Promise.resolve(undefined),
      findAll: () => Promise.resolve([]),
      evolve: () => expect.unreachable(),
      save: () => expect.unreachable(),
    },
    {
      appendEvent: () => expect.unreachable(),
      appendAuditEntry: () => expect.unreachable(),
      auditSummaries: { record: (attempt) => void unchanged.push(attempt.outcome) },
      keys,
      transact: createGroupCommit({ db, appends: createLogAppends(db), maxGroupSize: 1 }),
      lockUser: createUserLocks(db).lockUser,
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
