import type { Actor, RuleState } from '@seguridad-abc/contracts';
import { createLogger, createNotifier, type Notifier } from '@seguridad-abc/platform';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { v7 as uuidv7 } from 'uuid';
import { commandsFactory, type Commands } from '../commands/commands.js';
import { createEventLog } from '../db/event-log.js';
import { openMonitoringDatabase, type Db } from '../db/open.js';
import type { Outbox } from '../log/outbox.js';
import { createStores, type Stores } from '../stores.js';
import { OPERATOR, validRule } from './rules.js';

export interface TestLog {
  /** An operator's. */
  readonly commands: Commands;
  commandsOf(caller: Actor): Commands;
  readonly stores: Stores;
  readonly db: Db;
  readonly log: Outbox;
  readonly appended: Notifier;
  readonly folder: string;
  /** Creates rules with names of their own. */
  fill(count: number): Promise<RuleState[]>;
  /** Closes the file and opens it again, as a restart does; timers go on only where they are started again. */
  reopen(options?: Partial<TestLogOptions>): Promise<void>;
  close(): Promise<void>;
}

export interface TestLogOptions {
  readonly now: () => string;
  readonly allowanceMs: number;
  readonly zoneData: string;
  /** Told each statement as it is run. */
  readonly onStatement: (statement: string) => void;
}

/** Commands over a real SQLite file of their own. */
export function openTestLog(given: Partial<TestLogOptions> = {}): TestLog {
  const folder = temporaryFolder();
  let options: TestLogOptions = {
    now: () => new Date().toISOString(),
    allowanceMs: 0,
    zoneData: 'of tests',
    onStatement: () => undefined,
    ...given,
  };
  const open = () => {
    const database = openMonitoringDatabase(folder.path, options.onStatement);
    const appended = createNotifier();
    const stores = createStores(database.db, {
      ...options,
      maxGroup: 256,
      appended: () => appended.notify(),
      logger: createLogger('monitoring', 'silent'),
    });
    const commandsOf = commandsFactory({ ...stores, now: options.now, newId: uuidv7 });
    return {
      database,
      appended,
      stores,
      commandsOf,
      commands: commandsOf(OPERATOR),
      log: createEventLog(database.db),
    };
  };
  let parts = open();
  let filled = 0;
  const shut = async () => {
    await parts.stores.timekeeper.stop();
    parts.database.close();
  };
  return {
    get commands() {
      return parts.commands;
    },
    commandsOf: (caller) => parts.commandsOf(caller),
    get stores() {
      return parts.stores;
    },
    get db() {
      return parts.database.db;
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
    async reopen(changed = {}) {
      await shut();
      options = { ...options, ...changed };
      parts = open();
    },
    async close() {
      await shut();
      folder.remove();
    },
  };
}
