// Measures how fast monitoring removes old history, and how long commands take beside it.
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openMonitoringCommands } from './lib/monitoring-commands.mjs';
import { computePercentile } from './lib/statistics.mjs';

const USAGE = `node bench/compaction.mjs [--events 100000]
Writes a log from 30 days ago into a database of the built monitoring: of ten events, seven are of readings and three of an alarm.
Creates rules one after the other, first alone, then beside a compaction. Prints removed entries per second, and the durations.`;

const { values } = parseArgs({
  options: { events: { type: 'string', default: '100000' }, help: { type: 'boolean', short: 'h' } },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const eventCount = Number(values.events);
const OPENINGS = 2_000;
const DAY_MS = 86_400_000;
const COMMAND_INTERVAL_MS = 5;
const begin = Date.now() - 30 * DAY_MS;

const commands = await openMonitoringCommands({ maxGroup: 256, logLevel: 'error' });
const { sqlite } = commands;

/** @param {number} index */
const instant = (index) => new Date(begin + index * 10).toISOString();
const insertEvent = sqlite.prepare(
  `insert into events (type, version, at, data, mark) values (?, 1, ?, ?, 'AAAAAAAA')`,
);
const insertReading = sqlite.prepare('insert into readings values (?, ?, ?, ?, 1)');
const insertInterval = sqlite.prepare(
  'insert into intervals (opening_id, started_at, start_id, ended_at) values (?, ?, ?, ?)',
);
const insertAlarm = sqlite.prepare(
  `insert into alarms (id, rule_id, user_id, opening, kind, severity, status, raised_at, cleared_at, reason, updated_at, version,
   opening_id, start_id, cause) values (?, 'rule', ?, ?, 'OPEN_TOO_LONG', 'WARNING', 'CLEARED', ?, ?, ?, ?, 3, ?, ?, ?)`,
);
const RULE = /** @type {const} */ ({
  userId: 'bench',
  maxOpenSeconds: 60,
  severity: 'WARNING',
  timeZone: 'UTC',
  enabled: true,
});
const REASON = 'Open for more than 5 min (since 08:00:00).';

sqlite.transaction(() => {
  for (let id = 1; id <= OPENINGS; id++)
    sqlite
      .prepare('insert into openings (id, user_id, name) values (?, ?, ?)')
      .run(id, `user-${String(id % 200)}`, `Door ${String(id)}`);
  for (let index = 0; index < eventCount; index++) {
    const group = Math.floor(index / 10);
    const openingId = (group % OPENINGS) + 1;
    const userId = `user-${String(openingId % 200)}`;
    const opening = `Door ${String(openingId)}`;
    const at = instant(index);
    const step = index % 10;
    if (step < 7) {
      const isOpen = step % 2 === 0 && step < 6;
      const startId = `reading-${String(isOpen ? index : index - 1)}`;
      const interval = {
        startId,
        startedAt: instant(isOpen ? index : index - 1),
        endedAt: isOpen ? null : at,
      };
      const reading = { id: `reading-${String(index)}`, state: isOpen ? 'OPEN' : 'CLOSED', at };
      const data = {
        userId,
        opening,
        state: reading.state,
        since: at,
        intervals: [interval],
        removed: [],
        readings: [reading],
      };
      insertEvent.run('ReadingsRecorded', at, JSON.stringify(data));
      insertReading.run(openingId, isOpen ? 1 : 0, Date.parse(at), reading.id);
      if (isOpen) insertInterval.run(openingId, Date.parse(at), startId, Date.parse(at) + 10);
      continue;
    }
    const id = `alarm-${String(group)}`;
    const alarm = {
      ...{ id, ruleId: 'rule', userId, opening, kind: 'OPEN_TOO_LONG', severity: 'WARNING' },
      ...{
        status: step === 7 ? 'ACTIVE' : 'CLEARED',
        raisedAt: instant(group * 10),
        clearedAt: step === 7 ? null : at,
      },
      ...{
        acknowledgedAt: null,
        acknowledgedBy: null,
        note: null,
        reason: REASON,
        updatedAt: at,
        version: step - 6,
      },
    };
    insertEvent.run(
      step === 7 ? 'AlarmRaised' : step === 8 ? 'AlarmCleared' : 'AlarmAcknowledged',
      at,
      JSON.stringify({ alarm }),
    );
    if (step === 9)
      insertAlarm.run(
        id,
        userId,
        opening,
        alarm.raisedAt,
        at,
        REASON,
        at,
        openingId,
        `reading-${String(group * 10)}`,
        REASON,
      );
  }
})();

/** Creates rules until a promise resolves. @param {Promise<unknown>} end @returns the duration of each command in ms */
async function createRulesUntil(end) {
  /** @type {number[]} */
  const durations = [];
  const state = { isOver: false };
  void end.finally(() => (state.isOver = true));
  while (!state.isOver) {
    const startedAt = performance.now();
    const name = `Rule ${String(startedAt)}`;
    await commands.createRule({ ...RULE, name, opening: `Door of ${name}` });
    durations.push(performance.now() - startedAt);
    await delay(COMMAND_INTERVAL_MS);
  }
  return durations.sort((a, b) => a - b);
}

/** @param {string} title @param {readonly number[]} durations */
const print = (title, durations) =>
  console.log(
    `${title}: ${String(durations.length)} commands, p50 ${computePercentile(durations, 50).toFixed(1)} ms, p99 ${computePercentile(durations, 99).toFixed(1)} ms, slowest ${(durations.at(-1) ?? 0).toFixed(1)} ms`,
  );

print('alone', await createRulesUntil(delay(5_000)));
const startedAt = performance.now();
const running = commands.compact({ before: new Date(Date.now() - 2 * DAY_MS).toISOString() });
const durations = await createRulesUntil(running);
const seconds = (performance.now() - startedAt) / 1_000;
const result = await running;
console.log(result);
console.log(`${seconds.toFixed(1)} s, ${Math.round(result.entries / seconds).toString()} entries per second`);
print('beside a compaction', durations);
await commands.close();
