import type { Logger } from '@seguridad-abc/platform';
import type { ReadingStore } from './commands/reading-store.js';
import type { AlarmStore, RuleStore } from './commands/state-store.js';
import { createAlarmStore } from './db/alarm-store.js';
import { createAppend } from './db/append.js';
import { createKeys } from './db/command-keys.js';
import { createGroupCommit } from './db/group-commit.js';
import type { Db } from './db/open.js';
import { createReadingStore } from './db/reading-store.js';
import { createRecords } from './db/records.js';
import { createRuleStore } from './db/rule-store.js';
import { adoptZoneData } from './db/zone-data.js';
import { createChangeOfRule } from './judging/change-of-rule.js';
import { createJudge } from './judging/judge.js';
import { createAgenda, type Agenda } from './timers/agenda.js';
import { createTimekeeper, type Timekeeper } from './timers/timekeeper.js';

export interface StoresOptions {
  /** As much shares a commit at most. */
  readonly maxGroup: number;
  /** An alarm is held back so long while its opening is open, in milliseconds. */
  readonly allowanceMs: number;
  /** Of the zone data of this process. */
  readonly zoneData: string;
  readonly now: () => string;
  /** Called after each commit that added to the log. */
  readonly appended: () => void;
  readonly logger: Logger;
}

export interface Stores {
  readonly rules: RuleStore;
  readonly readings: ReadingStore;
  readonly alarms: AlarmStore;
  /** Forgets the idempotency keys of commands before an instant. */
  forgetKeys(before: string): Promise<void>;
  /** What is to be done without anyone asking for it. */
  readonly agenda: Agenda;
  /** Works the agenda in time; not started yet. */
  readonly timekeeper: Timekeeper;
}

/** All that is kept in one database, with the judging between. */
export function createStores(db: Db, options: StoresOptions): Stores {
  const { maxGroup, allowanceMs, zoneData, now, appended, logger } = options;
  adoptZoneData(db, zoneData);
  const transact = createGroupCommit(db, maxGroup);
  const append = createAppend(db);
  const keys = createKeys(db, now);
  const records = createRecords(db, (at) => timekeeper.notice(at));
  const judge = createJudge({ records, append, allowanceMs });
  const agenda = createAgenda({ records, judge, append, transact, now, allowanceMs, appended });
  const timekeeper = createTimekeeper({ agenda, now, logger });
  const changed = createChangeOfRule(records, judge, now);
  return {
    rules: createRuleStore({ records, append, changed, keys, transact, appended }),
    alarms: createAlarmStore({ records, append, keys, transact, appended }),
    readings: createReadingStore({ records, judge, append, transact, now, appended }),
    async forgetKeys(before) {
      while (await transact(() => keys.forgetSome(before)));
    },
    agenda,
    timekeeper,
  };
}
