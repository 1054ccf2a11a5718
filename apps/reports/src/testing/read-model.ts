import { join } from 'node:path';
import type { AlarmState, RuleState } from '@seguridad-abc/contracts';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { openReportsDatabase } from '../db/open.js';
import { createAlarmReader } from '../db/alarm-reader.js';
import { createOpeningReader } from '../db/opening-reader.js';
import { createProjectionStore } from '../db/projection-store.js';
import { createRuleReader } from '../db/rule-reader.js';
import { NOTHING, type ProjectedRule, type Things } from '../domain/things.js';
import type { ProjectionStore } from '../projector/projection-store.js';
import type { QueriesOptions } from '../queries/queries.js';
import { alarmState, ruleState } from './entries.js';

/** A read model in a real database, written without a log. */
export interface TestReadModel {
  readonly store: ProjectionStore;
  readonly readers: QueriesOptions['readers'];
  /** Of the database. */
  readonly file: string;
  /** The SQL that was run. */
  readonly statements: string[];
  /** Adds a rule under the next position. */
  add(overrides?: Partial<RuleState>): Promise<ProjectedRule>;
  /** Adds an alarm under the next position. */
  addAlarm(overrides?: Partial<AlarmState>): Promise<AlarmState>;
  /** Writes things under the next position. */
  change(things: Partial<Things>): Promise<void>;
  close(): void;
}

export function openReadModel(): TestReadModel {
  const folder = temporaryFolder();
  const statements: string[] = [];
  const database = openReportsDatabase(folder.path, (statement) => void statements.push(statement));
  const store = createProjectionStore(database.db);
  let position = 0;

  const model: TestReadModel = {
    store,
    readers: {
      rules: createRuleReader(database.db),
      alarms: createAlarmReader(database.db),
      openings: createOpeningReader(database.db),
    },
    file: join(folder.path, 'reports.sqlite'),
    statements,
    async add(overrides = {}) {
      const createdPosition = position + 1;
      const rule = { state: ruleState({ id: `rule-${createdPosition}`, ...overrides }), createdPosition };
      await model.change({ rules: [rule] });
      return rule;
    },
    async addAlarm(overrides = {}) {
      const changedPosition = position + 1;
      const state = alarmState({ id: `alarm-${changedPosition}`, ...overrides });
      await model.change({ alarms: [{ state, change: 'RAISED', changedPosition }] });
      return state;
    },
    async change(things) {
      const from = await store.checkpoint();
      position += 1;
      await store.commit({ from, to: { logId: 'log-1', position }, things: { ...NOTHING, ...things } });
    },
    close() {
      database.close();
      folder.remove();
    },
  };
  return model;
}
