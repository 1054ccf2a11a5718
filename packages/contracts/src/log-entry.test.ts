import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROLES } from './actor.js';
import { WEEKDAYS, type RuleState } from './rule.js';
import {
  parseStreamEntry,
  parseLogEvent,
  toStreamId,
  parseStreamPosition,
  toStreamFields,
  type LogEntry,
} from './log-entry.js';

const rule: RuleState = {
  id: 'r1',
  userId: 'ana',
  name: 'Shop door',
  opening: 'Shop',
  opensAt: null,
  closesAt: null,
  days: [...WEEKDAYS],
  timeZone: 'America/Bogota',
  maxOpenSeconds: 60,
  severity: 'WARNING',
  enabled: true,
  effectiveFrom: '2026-01-31T08:00:00.000Z',
  createdAt: '2026-01-31T08:00:00.000Z',
  updatedAt: '2026-01-31T08:00:00.000Z',
  deletedAt: null,
  version: 1,
};
const entry = (fields: Partial<LogEntry> = {}): LogEntry => ({
  logId: 'log',
  position: 1,
  type: 'RuleCreated',
  version: 1,
  at: '2026-01-31T08:00:00.000Z',
  actor: { id: 'ana', role: 'customer' },
  data: { rule },
  ...fields,
});

describe('a log entry', () => {
  it('comes back from the stream as it went', () => {
    const anyEntry = fc.record({
      logId: fc.string({ minLength: 1 }),
      position: fc.integer({ min: 1, max: 999_999_999_999_999 }),
      type: fc.string({ minLength: 1 }),
      version: fc.integer({ min: 1 }),
      at: fc
        .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
        .map((date) => date.toISOString()),
      actor: fc.option(fc.record({ id: fc.string({ minLength: 1 }), role: fc.constantFrom(...ROLES) })),
      data: fc.jsonValue(),
    });
    fc.assert(
      fc.property(anyEntry, (some) => {
        const back = parseStreamEntry(toStreamId(some.position), toStreamFields(some));
        // JSON has one zero.
        expect(back).toStrictEqual(JSON.parse(JSON.stringify(some)));
      }),
    );
  });

  it.each([
    ['1700000000000-5', toStreamFields(entry())],
    ['1-0', []],
    ['1-0', ['logId', 'log', 'data', '{']],
  ])('is refused where it is none: %s %j', (id, fields) => {
    expect(() => parseStreamEntry(id, fields)).toThrow();
  });

  it('knows a position only in ids that a relay wrote', () => {
    expect(parseStreamPosition('17-0')).toBe(17);
    for (const id of ['17-1', '17', '-1-0', 'x']) expect(parseStreamPosition(id)).toBeUndefined();
  });
});

describe('readEvent', () => {
  it('reads what it knows', () => {
    expect(parseLogEvent(entry())).toStrictEqual({
      ok: true,
      event: { type: 'RuleCreated', version: 1, data: { rule } },
    });
  });

  it('ignores fields that it does not know', () => {
    expect(parseLogEvent(entry({ data: { rule: { ...rule, colour: 'red' }, by: 'ana' } }))).toMatchObject({
      ok: true,
    });
  });

  it.each<[string, Partial<LogEntry>]>([
    ['an unknown type', { type: 'RuleForgotten' }],
    ['a newer version', { version: 2 }],
    ['data of another shape', { data: { rule: { ...rule, days: ['SOMEDAY'] } } }],
    ['no data', { data: null }],
  ])('tells %s apart', (_, fields) => {
    expect(parseLogEvent(entry(fields))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('v') as string,
    });
  });
});
