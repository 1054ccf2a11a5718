import { formatInstant, type MaintenanceRecord } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createEndRecord,
  createStartRecord,
  findUnknownRecords,
  isObsoleteRecord,
  mergeMaintenanceRecords,
  toMaintenancePeriod,
  type MaintenanceRecords,
} from './maintenance-records.js';

const PERIOD = { service: 'reports', reason: 'new disk', since: 1_000, until: undefined };
const merge = (...lists: readonly (readonly MaintenanceRecord[])[]): MaintenanceRecords => {
  let records: MaintenanceRecords = new Map();
  for (const list of lists) ({ records } = mergeMaintenanceRecords(records, list));
  return records;
};

describe('a later command', () => {
  it('replaces an earlier one, whatever the clocks of the monitors say', () => {
    const started = createStartRecord(PERIOD, new Map(), 1_000);
    const ended = createEndRecord({ ...PERIOD, since: 0 }, merge([started]), 2_000);
    expect(merge([started], [ended])).toStrictEqual(merge([ended], [started]));
    expect(toMaintenancePeriod(merge([ended], [started]).get('reports')!)).toBeUndefined();
    expect(toMaintenancePeriod(started)).toStrictEqual(PERIOD);
  });

  it('is unknown to a monitor that has only the earlier one', () => {
    const started = createStartRecord(PERIOD, new Map(), 1_000);
    const ended = createEndRecord(PERIOD, merge([started]), 2_000);
    expect(findUnknownRecords(merge([ended]), [started])).toStrictEqual([ended]);
    expect(findUnknownRecords(merge([ended]), [])).toStrictEqual([ended]);
    expect(findUnknownRecords(merge([started]), [ended])).toStrictEqual([]);
  });
});

describe('the revision of a command', () => {
  const NOW_MS = Date.parse('2026-03-02T12:00:00.000Z');
  const getRevision = (known: MaintenanceRecords, wallMs: number) =>
    createStartRecord(PERIOD, known, wallMs).revision;

  it('is above that of a record that was forgotten', () => {
    const ended = createEndRecord(
      PERIOD,
      merge([{ ...createStartRecord(PERIOD, new Map(), 0), revision: 500 }]),
      0,
    );
    expect(getRevision(new Map(), NOW_MS)).toBeGreaterThan(ended.revision);
  });

  it('is above the known one, also if the clock was set back', () => {
    const started = createStartRecord(PERIOD, new Map(), NOW_MS);
    expect(getRevision(merge([started]), NOW_MS)).toBe(started.revision + 1);
    expect(getRevision(merge([started]), 0)).toBe(started.revision + 1);
  });
});

describe('a record', () => {
  const DAY_MS = 24 * 60 * 60 * 1_000;
  const started = createStartRecord(PERIOD, new Map(), 1_000);

  it('is obsolete 30 days after an operator has ended the maintenance', () => {
    const ended = createEndRecord(PERIOD, merge([started]), 100 * DAY_MS);
    expect(ended).toMatchObject({ since: formatInstant(PERIOD.since), until: formatInstant(100 * DAY_MS) });
    expect(isObsoleteRecord(ended, 130 * DAY_MS - 1)).toBe(false);
    expect(isObsoleteRecord(ended, 130 * DAY_MS)).toBe(true);
  });

  it('is obsolete 30 days after the maintenance has ended by itself', () => {
    const limited = createStartRecord({ ...PERIOD, until: 2 * DAY_MS }, new Map(), 1_000);
    expect(isObsoleteRecord(limited, 32 * DAY_MS - 1)).toBe(false);
    expect(isObsoleteRecord(limited, 32 * DAY_MS)).toBe(true);
  });

  it('is never obsolete while nothing has ended the maintenance', () => {
    expect(isObsoleteRecord(started, 1_000 * DAY_MS)).toBe(false);
  });

  it('of earlier software, without the time of its end, counts from its beginning', () => {
    expect(isObsoleteRecord({ ...started, isEnded: true }, PERIOD.since + 30 * DAY_MS)).toBe(true);
  });
});

describe('merging', () => {
  const records = fc.array(
    fc.record<MaintenanceRecord>(
      {
        service: fc.constantFrom('reports', 'gateway'),
        revision: fc.integer({ min: 1, max: 3 }),
        reason: fc.constantFrom('a', 'b'),
        since: fc.constantFrom('2026-01-31T08:00:00.000Z', '2026-01-31T09:00:00.000Z'),
        until: fc.constantFrom(null, '2026-01-31T10:00:00.000Z'),
        isEnded: fc.boolean(),
      },
      { noNullPrototype: true },
    ),
    { maxLength: 6 },
  );
  const sorted = (merged: MaintenanceRecords) => [...merged].sort(([a], [b]) => (a < b ? -1 : 1));

  it('has the same result in any order and grouping, and repeated', () => {
    fc.assert(
      fc.property(records, records, records, (a, b, c) => {
        const expected = sorted(merge(a, b, c));
        expect(sorted(merge(c, a, b, a))).toStrictEqual(expected);
        expect(sorted(merge([...merge(b, c).values()], a))).toStrictEqual(expected);
      }),
    );
  });

  it('makes two monitors equal after each has told the other what it lacks', () => {
    fc.assert(
      fc.property(records, records, (a, b) => {
        const left = merge(a);
        const right = merge(b);
        const toRight = findUnknownRecords(left, [...right.values()]);
        const toLeft = findUnknownRecords(right, [...left.values()]);
        expect(sorted(merge([...left.values()], toLeft))).toStrictEqual(
          sorted(merge([...right.values()], toRight)),
        );
      }),
    );
  });
});
