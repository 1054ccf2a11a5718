import { createRequire } from 'node:module';
import { join } from 'node:path';

/** @param {number} seconds */
const instant = (seconds) => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();
const USERS = 200;
const OPENINGS_PER_USER = 10;

/**
 * An event of a log in which readings prevail: of ten events, six are of readings, three of an alarm and one of a rule.
 * @param {number} index @returns {{ type: string, data: object }}
 */
function createEvent(index) {
  const group = Math.floor(index / 10);
  const userId = `user-${String(group % USERS)}`;
  const opening = `Door ${String(group % OPENINGS_PER_USER)}`;
  const at = instant(index);
  const id = String(group).padStart(8, '0');
  /** @param {string} startId @param {string | null} endedAt */
  const readings = (startId, endedAt) => {
    const state = endedAt === null ? 'OPEN' : 'CLOSED';
    return {
      type: 'ReadingsRecorded',
      data: {
        ...{ userId, opening, state, since: at, removed: [] },
        intervals: [{ startId, startedAt: at, endedAt }],
        readings: [{ id: `reading-${String(index)}`, state, at }],
      },
    };
  };
  /** @param {string} type @param {number} version @param {object} changes */
  const alarm = (type, version, changes = {}) => ({
    type,
    data: {
      alarm: {
        ...{
          id: `alarm-${id}`,
          ruleId: `rule-${id}`,
          userId,
          opening,
          kind: 'OPEN_TOO_LONG',
          severity: 'WARNING',
        },
        ...{
          status: 'ACTIVE',
          raisedAt: at,
          clearedAt: null,
          acknowledgedAt: null,
          acknowledgedBy: null,
          note: null,
        },
        ...{ reason: 'open for more than 60 s', updatedAt: at, version },
        ...changes,
      },
    },
  });
  switch (index % 10) {
    case 0:
      return {
        type: 'RuleCreated',
        data: {
          rule: {
            ...{
              id: `rule-${id}`,
              userId,
              opening,
              name: `Rule ${id}`,
              opensAt: null,
              closesAt: null,
              days: ['MONDAY'],
            },
            ...{ timeZone: 'America/Bogota', maxOpenSeconds: 60, severity: 'WARNING', enabled: true },
            ...{ effectiveFrom: at, createdAt: at, updatedAt: at, deletedAt: null, version: 1 },
          },
        },
      };
    case 3:
      return alarm('AlarmRaised', 1);
    case 5:
      return alarm('AlarmCleared', 2, { status: 'CLEARED', clearedAt: at });
    case 8:
      return alarm('AlarmAcknowledged', 3, {
        status: 'CLEARED',
        clearedAt: at,
        acknowledgedAt: at,
        acknowledgedBy: 'olga',
      });
    default:
      return readings(`start-${id}-${String(Math.floor((index % 10) / 3))}`, index % 2 === 0 ? null : at);
  }
}

/**
 * Writes events into the database of a monitoring that has none.
 * @param {string} dataDir its data folder @param {number} eventCount
 */
export function writeEvents(dataDir, eventCount) {
  const require = createRequire(new URL('../../packages/platform/package.json', import.meta.url));
  const addon = /** @type {unknown} */ (require('better-sqlite3'));
  const Database = /** @type {typeof import('better-sqlite3')} */ (addon);
  const database = new Database(join(dataDir, 'monitoring.sqlite'));
  const insert = database.prepare(
    'insert into events (type, version, at, actor, data) values (?, 1, ?, ?, ?)',
  );
  const actor = JSON.stringify({ id: 'olga', role: 'operator' });
  database.transaction(() => {
    for (let index = 0; index < eventCount; index++) {
      const { type, data } = createEvent(index);
      insert.run(type, instant(index), actor, JSON.stringify(data));
    }
  })();
  database.close();
}
