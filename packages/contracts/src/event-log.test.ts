import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROLES } from './actor.js';
import {
  parseStreamEntry,
  parseLogEvent,
  toStreamId,
  parseStreamPosition,
  toStreamFields,
  type LogEntry,
} from './event-log.js';
import { createRuleState } from './testing/index.js';

const rule = createRuleState();
const createEntry = (fields: Partial<LogEntry> = {}): LogEntry => ({
  logId: 'log',
  position: 1,
  type: 'RuleCreated',
  version: 1,
  at: '2026-01-31T08:00:00.000Z',
  actor: { id: 'ana', role: 'customer' },
  data: { rule },
  ...fields,
});

describe('parseStreamEntry', () => {
  it('reads every entry that toStreamFields writes', () => {
    const anyText = fc.string({ minLength: 1 });
    const anyOptionalFields = fc.record({ mark: anyText, traceparent: fc.string() }, { requiredKeys: [] });
    const anyRequiredFields = fc.record({
      logId: anyText,
      position: fc.integer({ min: 1, max: 999_999_999_999_999 }),
      type: fc.string({ minLength: 1 }),
      version: fc.integer({ min: 1 }),
      at: fc
        .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
        .map((date) => date.toISOString()),
      actor: fc.option(fc.record({ id: fc.string({ minLength: 1 }), role: fc.constantFrom(...ROLES) })),
      data: fc.jsonValue(),
    });
    const anyEntry = fc
      .tuple(anyRequiredFields, anyOptionalFields)
      .map(([required, optional]) => ({ ...required, ...optional }));
    fc.assert(
      fc.property(anyEntry, (entry) => {
        const parsed = parseStreamEntry(toStreamId(entry.position), toStreamFields(entry));
        // JSON does not distinguish -0 from 0.
        expect(parsed).toStrictEqual(JSON.parse(JSON.stringify(entry)));
      }),
    );
  });

  it.each([
    ['1700000000000-5', toStreamFields(createEntry())],
    ['1-0', []],
    ['1-0', ['logId', 'log', 'data', '{']],
  ])('throws for a foreign or damaged entry: %s %j', (id, fields) => {
    expect(() => parseStreamEntry(id, fields)).toThrow();
  });

  it('parseStreamPosition accepts only ids that the relay writes', () => {
    expect(parseStreamPosition('17-0')).toBe(17);
    for (const id of ['17-1', '17', '-1-0', 'x']) expect(parseStreamPosition(id)).toBeUndefined();
  });
});

describe('parseLogEvent', () => {
  it('returns a known event', () => {
    expect(parseLogEvent(createEntry())).toStrictEqual({
      ok: true,
      event: { type: 'RuleCreated', version: 1, data: { rule } },
    });
  });

  describe('upgrades events of schema version 1', () => {
    const ruleWithoutWindows = { ...rule, windows: undefined };

    it.each([
      [
        'a rule with hours',
        { opensAt: '08:00', closesAt: '18:00', days: ['MONDAY'] },
        [{ days: ['MONDAY'], opensAt: '08:00', closesAt: '18:00', openBy: null }],
      ],
      [
        'a rule with hours on no day, which is never allowed',
        { opensAt: '08:00', closesAt: '18:00', days: [] },
        [{ days: [], opensAt: '08:00', closesAt: '18:00', openBy: null }],
      ],
      ['a rule without hours', { opensAt: null, closesAt: null, days: ['MONDAY'] }, null],
    ])('%s', (_, hours, windows) => {
      expect(
        parseLogEvent(
          createEntry({
            data: JSON.parse(JSON.stringify({ rule: { ...ruleWithoutWindows, ...hours } })) as unknown,
          }),
        ),
      ).toStrictEqual({
        ok: true,
        event: { type: 'RuleCreated', version: 1, data: { rule: { ...rule, windows } } },
      });
    });

    it('readings, whose intervals are of the signal OPEN', () => {
      const at = '2026-01-31T08:00:00.000Z';
      const data = {
        userId: 'ana',
        opening: 'Shop',
        state: 'OPEN',
        since: at,
        intervals: [{ startId: 'r2', startedAt: at, endedAt: null }],
        removed: ['r1'],
        readings: [{ id: 'r2', state: 'OPEN', at }],
      };
      expect(parseLogEvent(createEntry({ type: 'ReadingsRecorded', data }))).toStrictEqual({
        ok: true,
        event: {
          type: 'ReadingsRecorded',
          version: 1,
          data: {
            ...data,
            tampered: null,
            batteryLow: null,
            intervals: [{ signal: 'OPEN', startId: 'r2', startedAt: at, endedAt: null }],
            removed: [{ signal: 'OPEN', startId: 'r1' }],
            readings: [{ id: 'r2', state: 'OPEN', tampered: null, batteryLow: null, at }],
          },
        },
      });
    });
  });

  it('ignores unknown fields', () => {
    expect(
      parseLogEvent(createEntry({ data: { rule: { ...rule, colour: 'red' }, by: 'ana' } })),
    ).toMatchObject({
      ok: true,
    });
  });

  it.each<[string, Partial<LogEntry>]>([
    ['an unknown type', { type: 'RuleForgotten' }],
    ['a newer version', { version: 3 }],
    [
      'data of another shape',
      { data: { rule: { ...rule, windows: [{ days: ['SOMEDAY'], opensAt: '08:00', closesAt: '18:00' }] } } },
    ],
    ['no data', { data: null }],
  ])('returns a reason for %s', (_, fields) => {
    expect(parseLogEvent(createEntry(fields))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('v') as string,
    });
  });
});
