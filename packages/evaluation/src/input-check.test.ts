import { formatInstant } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkClientChosenId,
  checkEntityId,
  checkInstant,
  checkMultilineText,
  checkOwnerUserId,
  checkText,
  combineCheckResults,
  createInvalidResult,
  createValidResult,
  hasControlCharacter,
  normalizeInstant,
  normalizeLocalTime,
  normalizeTimeZone,
} from './input-check.js';
import { checkRuleDefinition } from './rule-input-check.js';

/** Unicode sorts marks by class: alternating classes are the slowest text to normalize. */
const COMBINING_MARKS = '\u0301\u0327'.repeat(50_000);

/** The CPU time of this process in ms during `work`. */
function measureCpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

describe('the checks of texts', () => {
  const rule = {
    opening: 'Shop',
    maxOpenSeconds: 60,
    timeZone: 'UTC',
    severity: 'INFO',
    enabled: true,
  } as const;

  it('judge the length of a text before they normalize it', () => {
    const longTexts = [COMBINING_MARKS, 'x'.repeat(1_000_000), ' '.repeat(1_000_000), '\r\n'.repeat(500_000)];
    const cpuMs = measureCpuMs(() => {
      for (const text of longTexts) {
        expect(checkRuleDefinition({ ...rule, name: text })).toMatchObject({
          faults: [
            { path: ['name'], code: 'TOO_LONG', message: expect.stringContaining('at most 120') as string },
          ],
        });
        expect(checkMultilineText('note', text, 500)).toMatchObject({ faults: [{ code: 'TOO_LONG' }] });
        expect(checkClientChosenId('id', text, 200)).toMatchObject({ faults: [{ code: 'TOO_LONG' }] });
        expect(normalizeInstant(`2026-01-31T08:00:00.${text}Z`)).toBeUndefined();
        expect(normalizeTimeZone(`Area/${text}`)).toBeUndefined();
      }
    });
    expect(cpuMs).toBeLessThan(500);
  });

  it('reject a long run of combining marks in a text of allowed length, without normalizing it', () => {
    const name = `a${COMBINING_MARKS.slice(0, 900)}`;
    const cpuMs = measureCpuMs(() => {
      for (let i = 0; i < 2_000; i++) checkText('name', name, 120);
    });
    expect(checkText('name', name, 120)).toMatchObject({ faults: [{ path: ['name'], code: 'INVALID' }] });
    expect(cpuMs).toBeLessThan(500);
  });

  it('accept a text whose normalized form has the maximum length', () => {
    // The letter with the longest decomposition: 4 units, that become one character.
    const letter = '\u03b1\u0313\u0300\u0345';
    expect(checkText('name', letter.repeat(120), 120)).toEqual({ value: '\u1f82'.repeat(120) });
    expect(checkText('name', letter.repeat(121), 120)).toMatchObject({ faults: [{ code: 'TOO_LONG' }] });
    expect(checkText('name', '\u{1f6aa}'.repeat(120), 120)).toHaveProperty('value');
    expect(checkText('name', '\u{1f6aa}'.repeat(121), 120)).toMatchObject({ faults: [{ code: 'TOO_LONG' }] });
  });

  it('need at most 8 units for each normalized character', () => {
    let longest = 0;
    for (let point = 0; point <= 0x10_ffff; point++) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      const character = String.fromCodePoint(point);
      if (character.normalize('NFC') !== character) continue;
      longest = Math.max(longest, character.normalize('NFD').length);
    }
    expect(longest).toBeLessThanOrEqual(8);
  });

  it('reject a list with more days than the week has, with one fault', () => {
    const days = Array.from({ length: 60_000 }, () => 'MONDAY' as const);
    const faults = [
      { path: ['days'], code: 'OUT_OF_RANGE', message: expect.stringContaining('at most 7') as string },
    ];
    expect(checkRuleDefinition({ ...rule, name: 'a', days })).toEqual({ faults });
  });
});

const EMPTY = { path: ['note'], code: 'EMPTY', message: 'note must not be empty.' };
const CONTROL_CHARACTER = {
  path: ['note'],
  code: 'CONTROL_CHARACTER',
  message: 'note must not contain control characters.',
};
const TOO_LONG = {
  path: ['note'],
  code: 'TOO_LONG',
  message: 'note must have at most 5 characters; it has 6.',
};
const VERY_LONG = { ...TOO_LONG, message: 'note must have at most 5 characters; it has more than 5.' };

describe('checkText', () => {
  it.each([
    [' abcde ', 'abcde'],
    ['a  b', 'a  b'],
    ['e\u0301', '\u00e9'],
  ])('accepts %j', (raw, value) => expect(checkText('note', raw, 5)).toEqual({ value }));

  it.each([
    ['', [EMPTY]],
    [' \n ', [EMPTY]],
    ['abcdef', [TOO_LONG]],
    ['abcdefghijk', [VERY_LONG]],
    ['a\nb', [CONTROL_CHARACTER]],
    ['a\ud800', [CONTROL_CHARACTER]],
    ['abcde\n', undefined],
    ['abcde\nf', [{ ...TOO_LONG, message: TOO_LONG.message.replace('6', '7') }, CONTROL_CHARACTER]],
    // 40 units are read, 41 are not.
    [`\0${'a'.repeat(39)}`, [VERY_LONG, CONTROL_CHARACTER]],
    [`\0${'a'.repeat(40)}`, [VERY_LONG]],
  ])('judges %j', (raw, faults) => {
    expect(checkText('note', raw, 5)).toEqual(faults ? { faults } : { value: raw.trim() });
  });

  it('accepts 30 combining marks in a row and rejects 31', () => {
    expect(checkText('note', `a${'\u0301'.repeat(30)}`, 40)).toHaveProperty('value');
    expect(checkText('note', `a${'\u0301'.repeat(31)}`, 40)).toEqual({
      faults: [
        {
          path: ['note'],
          code: 'INVALID',
          message: 'note must not have more than 30 combining marks in a row.',
        },
      ],
    });
  });

  it('names a hidden character and its position in the trimmed text', () => {
    const message = (codePoint: string, position: number) =>
      `opening must not contain ${codePoint} as its character ${position}: it is invisible there, so that different texts look alike.`;
    for (const [raw, codePoint, position] of [
      [' 🚪\u200B', 'U+200B', 2],
      ['Door \u202E1', 'U+202E', 6],
      ['\u2060Door', 'U+2060', 1],
    ] as const) {
      expect(checkText('opening', raw, 80)).toEqual({
        faults: [{ path: ['opening'], code: 'CONTROL_CHARACTER', message: message(codePoint, position) }],
      });
    }
    expect(checkText('opening', '\uFEFF 👩\u200D🚒 1\uFE0F\u20E3\u2029', 80)).toEqual({
      value: '👩\u200D🚒 1\uFE0F\u20E3',
    });
  });

  it('finds control characters and unpaired surrogates only', () => {
    expect(hasControlCharacter('door \u{1f6aa}, é')).toBe(false);
    for (const character of ['\0', '\n', '\u0085', '\ud83d']) {
      expect(hasControlCharacter(`a${character}`)).toBe(true);
    }
  });
});

describe('checkMultilineText', () => {
  it.each([
    ['', null],
    [' \r\n ', null],
    [' a\r\nb ', 'a\nb'],
    ['e\u0301\nb', '\u00e9\nb'],
    // Marks of direction are common in Hebrew and Arabic sentences, and a note is no name.
    ['\u05D3\u200F!', '\u05D3\u200F!'],
  ])('reads %j as %j', (raw, value) => {
    expect(checkMultilineText('note', raw, 5)).toEqual({ value });
  });

  it.each([
    ['a\tb', [CONTROL_CHARACTER]],
    ['abc\nde', [TOO_LONG]],
    [' '.repeat(41), [VERY_LONG]],
  ])('rejects %j', (raw, faults) => {
    expect(checkMultilineText('note', raw, 5)).toEqual({ faults });
  });

  it('reads a text of 8 times the maximum length', () => {
    expect(checkMultilineText('note', ' '.repeat(40), 5)).toEqual({ value: null });
  });
});

describe('the checks of ids', () => {
  it('do not change an id', () => {
    expect(checkClientChosenId('note', ' e\u0301 ', 5)).toEqual({ value: ' e\u0301 ' });
    expect(checkEntityId('id', '')).toEqual({ value: '' });
  });

  it.each([
    ['', [EMPTY]],
    ['  ', [EMPTY]],
    ['abcdef', [TOO_LONG]],
    ['a\nb', [CONTROL_CHARACTER]],
  ])('reject %j', (raw, faults) => {
    expect(checkClientChosenId('note', raw, 5)).toEqual({ faults });
  });

  it('limit the length of an id of an entity', () => {
    expect(checkEntityId('id', 'x'.repeat(10_000))).toMatchObject({ faults: [{ code: 'TOO_LONG' }] });
  });

  it('let only an operator act for another user', () => {
    const customer = { id: 'ana', role: 'customer' } as const;
    const operator = { id: 'olga', role: 'operator' } as const;
    expect(checkOwnerUserId(customer, undefined)).toEqual({ value: 'ana' });
    expect(checkOwnerUserId(customer, null)).toEqual({ value: 'ana' });
    expect(checkOwnerUserId(customer, 'ana')).toEqual({ value: 'ana' });
    expect(checkOwnerUserId(operator, 'ana')).toEqual({ value: 'ana' });
    expect(checkOwnerUserId(operator, '')).toMatchObject({ faults: [{ path: ['userId'], code: 'EMPTY' }] });
    expect(checkOwnerUserId(customer, 'bruno')).toEqual({
      faults: [
        { path: ['userId'], code: 'FORBIDDEN', message: 'Only an operator may act for another user.' },
      ],
    });
  });
});

describe('combineCheckResults', () => {
  it('returns every value, or every fault', () => {
    const invalid = (field: string) => createInvalidResult([field], 'INVALID', field);
    expect(combineCheckResults({ a: createValidResult(1), b: createValidResult(2) })).toEqual({
      value: { a: 1, b: 2 },
    });
    expect(combineCheckResults({ a: invalid('a'), b: createValidResult(2), c: invalid('c') })).toEqual({
      faults: [
        { path: ['a'], code: 'INVALID', message: 'a' },
        { path: ['c'], code: 'INVALID', message: 'c' },
      ],
    });
  });
});

describe('checkInstant', () => {
  it('returns the instant in UTC', () => {
    expect(checkInstant('at', '2026-01-31T08:00:00-05:00')).toEqual({ value: '2026-01-31T13:00:00.000Z' });
  });

  it('says what an instant looks like', () => {
    const message = 'at must be an RFC 3339 date-time with an offset, such as 2026-01-31T08:00:00-05:00.';
    expect(checkInstant('at', 'now')).toEqual({ faults: [{ path: ['at'], code: 'INVALID', message }] });
  });
});

describe('normalizeInstant', () => {
  it.each([
    ['2026-01-31T08:00:00Z', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31t08:00:00z', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31T08:00:00-05:00', '2026-01-31T13:00:00.000Z'],
    ['2026-01-31T08:00:00.123987654+02:00', '2026-01-31T06:00:00.123Z'],
    ['1969-12-31T23:59:59.9999Z', '1969-12-31T23:59:59.999Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    // Leap seconds.
    ['1990-12-31T23:59:60Z', '1991-01-01T00:00:00.000Z'],
    ['1990-12-31T15:59:60-08:00', '1991-01-01T00:00:00.000Z'],
    ['2016-12-31T23:59:60.999z', '2017-01-01T00:00:00.000Z'],
    ['2017-01-01 00:59:60.5+01:00', '2017-01-01T00:00:00.000Z'],
    ['1972-06-30T23:59:60Z', '1972-07-01T00:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(normalizeInstant(text)).toBe(expected);
  });

  it.each([
    '2026-01-31T08:00:00',
    '2026-01-31',
    '2026-02-30T08:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T08:00Z',
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '2026-01-31T08:00:00Z[Europe/Madrid]',
    // No leap second is possible there.
    '2026-03-02T21:25:60Z',
    '2016-12-31T23:59:60+01:00',
    '2016-12-31T22:59:60Z',
    '2016-12-31T23:58:60Z',
    '2016-11-30T23:59:60Z',
    '2016-12-30T23:59:60Z',
    '1971-12-31T23:59:60Z',
    '9999-12-31T23:59:60Z',
    '2016-12-31T23:59:61Z',
    'tomorrow',
    '',
  ])('refuses %j', (text) => {
    expect(normalizeInstant(text)).toBeUndefined();
  });

  it('orders a leap second after the second before it', () => {
    const texts = ['2016-12-31T23:59:59.999Z', '2016-12-31T23:59:60Z', '2016-12-31T23:59:60.9Z'];
    const [before = '', leapSecond = '', inLeapSecond = ''] = texts.map(normalizeInstant);
    expect(leapSecond > before).toBe(true);
    expect(inLeapSecond > before).toBe(true);
    expect((normalizeInstant('2017-01-01T00:00:00Z') ?? '') >= inLeapSecond).toBe(true);
  });

  it('reads every instant that formatInstant writes', () => {
    const range = { min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z') };
    fc.assert(
      fc.property(fc.date({ ...range, noInvalidDate: true }), (date) => {
        const text = formatInstant(date.getTime());
        expect(normalizeInstant(text)).toBe(text);
      }),
    );
  });
});

describe('normalizeLocalTime', () => {
  it.each([
    ['08:00', '08:00'],
    ['23:59:59', '23:59:59'],
    ['08:30:00', '08:30'],
  ])('reads %s', (text, expected) => {
    expect(normalizeLocalTime(text)).toBe(expected);
  });

  it.each(['24:00', '8:00', '08:60', '08:00:60', '08:00:00.5', ' 08:00', '08:00Z', ''])(
    'refuses %j',
    (text) => {
      expect(normalizeLocalTime(text)).toBeUndefined();
    },
  );
});

describe('normalizeTimeZone', () => {
  it('reads every zone name of this Node in any letter case', () => {
    for (const zone of Intl.supportedValuesOf('timeZone')) {
      expect(normalizeTimeZone(zone)).toBe(zone);
      expect(normalizeTimeZone(zone.toLowerCase())).toBe(zone);
    }
  });

  it.each(['+05:00', 'Mars/Olympus', '', 'Europe/Madrid ', '2026-01-01T00:00[Europe/Madrid]', 'Europe'])(
    'refuses %j',
    (text) => {
      expect(normalizeTimeZone(text)).toBeUndefined();
    },
  );
});
