import { join } from 'node:path';
import type { RuleState } from '@seguridad-abc/contracts';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { openReportsDatabase } from '../db/open.js';
import { createProjectionStore } from '../db/projection-store.js';
import { createRuleReader } from '../db/rule-reader.js';
import type { ProjectedRule } from '../domain/fold-rule.js';
import type { ProjectionStore } from '../projector/projection-store.js';
import type { RuleReader } from '../queries/rule-reader.js';
import { ruleState } from './entries.js';

/** A read model in a real database, written without a log. */
export interface TestReadModel {
  readonly store: ProjectionStore;
  readonly reader: RuleReader;
  /** Of the database. */
  readonly file: string;
  /** The SQL that was run. */
  readonly statements: string[];
  /** Adds a rule under the next position. */
  add(overrides?: Partial<RuleState>): Promise<ProjectedRule>;
  change(rule: ProjectedRule): Promise<void>;
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
    reader: createRuleReader(database.db),
    file: join(folder.path, 'reports.sqlite'),
    statements,
    async add(overrides = {}) {
      const createdPosition = position + 1;
      const rule = { state: ruleState({ id: `rule-${createdPosition}`, ...overrides }), createdPosition };
      await model.change(rule);
      return rule;
    },
    async change(rule) {
      const from = await store.checkpoint();
      position += 1;
      await store.commit({ from, to: { logId: 'log-1', position }, rules: [rule] });
    },
    close() {
      database.close();
      folder.remove();
    },
  };
  return model;
}
