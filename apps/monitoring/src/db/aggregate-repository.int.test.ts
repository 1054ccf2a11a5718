import { ruleStateSchema, type MonitoringEvent, type RuleState } from '@seguridad-abc/contracts';
import { createRuleState } from '@seguridad-abc/contracts/testing';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { accept, type Decision } from '../domain/decision.js';
import { OPERATOR } from '../testing/fixtures.js';
import {
  createAggregateRepository,
  type AggregateStorage,
  type RepositoryOptions,
} from './aggregate-repository.js';
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

const stored = createRuleState();
const key = { caller: 'operator:olga', key: 'once', fingerprint: 'createRule' };

function createRepository(
  storage: Partial<AggregateStorage<RuleState, MonitoringEvent>>,
  options: Partial<RepositoryOptions> = {},
) {
  const { db } = database;
  const unchanged: string[] = [];
  const transact = createGroupCommit({ db, appends: createLogAppends(db), maxGroupSize: 1 });
  const keys = createIdempotencyKeys(db);
  const repository = createAggregateRepository<RuleState, MonitoringEvent>(
    {
      stateSchema: ruleStateSchema,
      find: () => Promise.resolve(undefined),
      findAll: () => Promise.resolve([]),
      evolve: () => expect.unreachable(),
      save: () => expect.unreachable(),
      ...storage,
    },
    {
      appendEvent: () => expect.unreachable(),
      appendAuditEntry: () => expect.unreachable(),
      auditSummaries: { record: (attempt) => void unchanged.push(attempt.outcome) },
      keys,
      transact,
      lockUser: createUserLocks(db).lockUser,
      now: () => stored.updatedAt,
      ...options,
    },
  );
  const execute = (decide: () => Decision<MonitoringEvent>) =>
    repository.execute({ name: 'createRule', id: stored.id, caller: OPERATOR, decide, key });
  return { execute, keys, transact, unchanged };
}

it('a result that an older version stored has the defaults of the fields that are new since', async () => {
  const { execute, keys, unchanged } = createRepository({
    stateSchema: ruleStateSchema.extend({ color: z.string().nullable().default(null) }),
  });
  await keys.store(key, stored, stored.updatedAt);
  expect(await execute(() => accept())).toEqual({ kind: 'saved', state: { ...stored, color: null } });
  expect(unchanged).toEqual(['UNCHANGED']);
});

it.each([
  ['an aggregate', stored],
  ['a new aggregate', undefined],
])('returns the result of a command on %s that another instance ends meanwhile', async (_, before) => {
  const { execute, keys, unchanged } = createRepository(
    { find: () => Promise.resolve(before), evolve: () => stored },
    {
      async lockUser() {
        await keys.store(key, stored, stored.updatedAt);
        return true;
      },
    },
  );
  const event = { type: 'RuleCreated', version: 1, data: { rule: stored } } as unknown as MonitoringEvent;
  expect(await execute(() => accept(event))).toEqual({ kind: 'saved', state: stored });
  expect(unchanged).toEqual(['UNCHANGED']);
});

it('counts a command that changes nothing once although its transaction is repeated', async () => {
  const { execute, transact, unchanged } = createRepository(
    { find: () => Promise.resolve(stored) },
    {
      async transact(work, options) {
        await transact(work, options).then(undefined, () => undefined);
        return transact(work, options);
      },
    },
  );
  await execute(() => accept());
  expect(unchanged).toEqual(['UNCHANGED']);
});
