import type { Actor, RuleState } from '@seguridad-abc/contracts';
import { createSignal, type Signal } from '@seguridad-abc/platform';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { v7 as uuidv7 } from 'uuid';
import { commandsFactory, type Commands } from '../commands/commands.js';
import type { RuleStore } from '../commands/rule-store.js';
import { createEventLog } from '../db/event-log.js';
import { createGroupCommit } from '../db/group-commit.js';
import { openMonitoringDatabase } from '../db/open.js';
import { createRuleStore } from '../db/rule-store.js';
import type { EventLog } from '../log/event-log.js';
import { OPERATOR, validRule } from './rules.js';

export interface TestLog {
  /** An operator's. */
  readonly commands: Commands;
  commandsOf(caller: Actor): Commands;
  readonly store: RuleStore;
  readonly log: EventLog;
  readonly appended: Signal;
  readonly folder: string;
  /** Creates rules with names of their own. */
  fill(count: number): Promise<RuleState[]>;
  /** Closes the file and opens it again, as a restart does. */
  reopen(): void;
  close(): void;
}

/** Commands over a real SQLite file of their own. */
export function openTestLog(): TestLog {
  const folder = temporaryFolder();
  const now = () => new Date().toISOString();
  const open = () => {
    const database = openMonitoringDatabase(folder.path);
    const appended = createSignal();
    const store = createRuleStore({
      db: database.db,
      transact: createGroupCommit(database.db, 256),
      now,
      appended: () => appended.raise(),
    });
    const commandsOf = commandsFactory({ store, now, newId: uuidv7 });
    return {
      database,
      appended,
      store,
      commandsOf,
      commands: commandsOf(OPERATOR),
      log: createEventLog(database.db),
    };
  };
  let parts = open();
  let filled = 0;
  return {
    get commands() {
      return parts.commands;
    },
    commandsOf: (caller) => parts.commandsOf(caller),
    get store() {
      return parts.store;
    },
    get log() {
      return parts.log;
    },
    get appended() {
      return parts.appended;
    },
    folder: folder.path,
    fill(count) {
      const rules = Array.from({ length: count }, () => validRule({ name: `Rule ${++filled}` }));
      return Promise.all(rules.map((rule) => parts.commands.createRule(rule)));
    },
    reopen() {
      parts.database.close();
      parts = open();
    },
    close() {
      parts.database.close();
      folder.remove();
    },
  };
}
