import { WEEKDAYS } from '@seguridad-abc/contracts';
import type { SensorReading, RuleVersion } from '@seguridad-abc/evaluation';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { alarms } from '../reference/alarms.js';
import { alarmsOf, emptyRecord, redefine, restarted, take } from './judge.js';

/** The core as a service uses it, step by step from what is on record, beside the plain implementation. */

const QUARTER = 900_000; // ms
const RULES = 2;
/** Zones with a day on which their clocks are moved. */
const CHANGES = [
  ['Europe/Madrid', '2024-03-31T01:00:00Z'],
  ['Europe/Madrid', '2024-10-27T01:00:00Z'],
  ['Australia/Lord_Howe', '2024-10-05T15:30:00Z'],
  ['Antarctica/Troll', '2024-03-31T01:00:00Z'],
  ['Africa/El_Aaiun', '2024-04-14T02:00:00Z'],
  ['Pacific/Apia', '2011-12-30T10:00:00Z'],
  ['America/St_Johns', '2010-11-07T02:31:00Z'],
  ['America/Bogota', '2024-05-01T00:00:00Z'],
] as const;

/** In quarters of an hour: from four days before the change to one after it. */
const start = fc.integer({ min: -384, max: 96 });
/** Likewise, before the clock: a little ahead of it, up to two days late. */
const ago = fc.oneof(fc.integer({ min: -1, max: 8 }), fc.integer({ min: -1, max: 192 }));

const reading = fc.record({
  id: fc.string({
    minLength: 1,
    maxLength: 2,
    unit: fc.constantFrom('a', 'b', 'c', 'd', 'e', '\uffff', '😀'),
  }),
  state: fc.constantFrom('OPEN' as const, 'CLOSED' as const),
  ago,
});

const time = fc.constantFrom(
  '00:00',
  '00:30',
  '01:30',
  '02:15',
  '03:00',
  '08:00',
  '18:30',
  '22:00',
  '23:30:30',
);
const hours = fc.oneof(
  fc.constant({ opensAt: null, closesAt: null }),
  fc.record({ opensAt: time, closesAt: time }),
  time.map((same) => ({ opensAt: same, closesAt: same })),
);
const definition = fc.record({
  hours,
  days: fc.oneof(fc.constant([...WEEKDAYS]), fc.subarray([...WEEKDAYS])),
  maxOpenSeconds: fc.constantFrom(null, 1, 900, 3_600, 90_000),
  enabled: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
});

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ readings: fc.array(reading, { maxLength: 8, size: 'max' }) }) },
  { weight: 2, arbitrary: fc.record({ rule: fc.nat(RULES - 1), definition, ago }) },
  { weight: 1, arbitrary: fc.record({ wait: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.constant({ restart: true }) },
);

function versionOf(
  defined: typeof definition extends fc.Arbitrary<infer T> ? T : never,
  timeZone: string,
  from: number,
) {
  const { hours: allowed, ...rest } = defined;
  return { ...allowed, ...rest, timeZone, from, until: null };
}

/** All of it anew from what was told, each id counting once. */
function plainAlarms(
  versions: readonly RuleVersion[],
  told: readonly SensorReading[],
  now: number,
): string[] {
  const once = told.filter((one, index) => told.findIndex(({ id }) => id === one.id) === index);
  return alarms(
    versions.map((version) => ({ ...version, until: version.until ?? Infinity })),
    once.filter(({ at }) => at <= now),
    now,
  )
    .map(({ kind, startId, raisedAt, clearedAt }) =>
      [kind, startId, raisedAt, clearedAt === Infinity ? null : clearedAt].map(String).join(' '),
    )
    .sort();
}

it('in steps, through changes of rules, late readings and restarts, all is as computed at once', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...CHANGES),
      start,
      fc.array(step, { maxLength: 24, size: 'max' }),
      ([timeZone, change], begin, steps) => {
        let now = Date.parse(change) + begin * QUARTER;
        let record = emptyRecord(RULES);
        const told: SensorReading[] = [];
        for (const one of steps) {
          if ('readings' in one) {
            const batch = one.readings.map((each) => ({ ...each, at: now - each.ago * QUARTER }));
            told.push(...batch);
            record = take(record, batch, now);
          } else if ('definition' in one) {
            const before = record.rules[one.rule]?.at(-1);
            const from = before ? Math.max(now, before.from) : now - one.ago * QUARTER;
            record = redefine(record, one.rule, versionOf(one.definition, timeZone, from), now);
          } else if ('wait' in one) {
            now += one.wait * QUARTER;
            record = take(record, [], now);
          } else {
            record = restarted(record);
          }
          for (const [rule, versions] of record.rules.entries()) {
            expect(alarmsOf(record, rule, now).sort()).toStrictEqual(plainAlarms(versions, told, now));
          }
        }
      },
    ),
  );
});
