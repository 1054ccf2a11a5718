import { createAlarmRecords } from './alarm-records.js';
import { createCatchUpRecords } from './catch-up-records.js';
import { createIntervalRecords } from './interval-records.js';
import type { Db } from './open.js';
import { createOpeningRecords } from './opening-records.js';
import { createReadingRecords } from './reading-records.js';
import { createRuleRecords } from './rule-records.js';
import { createTimerRecords } from './timer-records.js';
import { createVersionRecords } from './version-records.js';

/**
 * Everything on record, by synchronous prepared statements: what works with it does so inside one transaction.
 * @param notice told when something is to be done at an instant (0: at once) without anyone asking for it
 */
export const createRecords = (db: Db, notice: (at: number) => void) => ({
  openings: createOpeningRecords(db),
  readings: createReadingRecords(db, notice),
  intervals: createIntervalRecords(db),
  rules: createRuleRecords(db),
  versions: createVersionRecords(db),
  alarms: createAlarmRecords(db),
  timers: createTimerRecords(db, notice),
  catchUps: createCatchUpRecords(db, notice),
});

export type Records = ReturnType<typeof createRecords>;
