import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALARM_CURSOR, RULE_CURSOR, type AlarmPlace, type CursorForm, type RulePlace } from './cursor.js';
import type { Place } from './list-reader.js';

const text = (plain: string) => Buffer.from(plain).toString('base64url');
const instant = fc
  .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());
const AT = '2026-03-01T08:00:00.000Z';

const suite = <At extends Place>(
  kind: string,
  form: CursorForm<At>,
  place: fc.Arbitrary<At>,
  wrong: readonly string[],
) =>
  describe(`a cursor of ${kind}`, () => {
    test('brings back the place that it was made of', () => {
      fc.assert(
        fc.property(place, (at) => {
          expect(form.read(form.write(at))).toEqual(at);
          expect(form.write(at)).toMatch(/^[\w-]+$/);
        }),
      );
    });

    test('is nothing but what was given out', () => {
      fc.assert(
        fc.property(fc.string(), (some) => {
          const at = form.read(some);
          if (at !== undefined) expect(form.write(at)).toBe(some);
        }),
      );
      for (const cursor of ['', '7', 'rule:7', ...wrong.map(text)]) expect(form.read(cursor)).toBeUndefined();
      fc.assert(
        fc.property(place, (at) => {
          expect(form.read(`${form.write(at)}=`)).toBeUndefined();
        }),
      );
    });
  });

suite<RulePlace>('rules', RULE_CURSOR, fc.tuple(fc.integer({ min: 0, max: 999_999_999_999_999 })), [
  'rule:',
  'rule:-1',
  'rule:07',
  'user:7',
  '7',
  `alarm:${AT}:a`,
]);
suite<AlarmPlace>('alarms', ALARM_CURSOR, fc.tuple(instant, fc.string({ minLength: 1, unit: 'binary' })), [
  'alarm:',
  `alarm:${AT}`,
  `alarm:${AT}:`,
  'alarm:2026:a',
  'rule:7',
]);
