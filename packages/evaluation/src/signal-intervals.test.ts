import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareReadings,
  deriveIntervals,
  deriveSignalValue,
  type SignalReport,
} from './signal-intervals.js';
import { parseReport, type ReportText } from './testing/index.js';

const CASES: [name: string, reports: ReportText[], intervals: string[], value: string][] = [
  ['no reading', [], [], 'null null'],
  ['a first CLOSED reading sets the state', ['5-'], [], 'false 5'],
  ['a repeated CLOSED reading does not move since', ['5-', '7-'], [], 'false 5'],
  ['an opening', ['5+'], ['5+ 5..'], 'true 5'],
  ['a repeated OPEN reading', ['5+', '7+'], ['5+ 5..'], 'true 5'],
  ['a closing', ['5+', '7+', '9-'], ['5+ 5..9'], 'false 9'],
  ['a repeated closing', ['5+', '9-', '11-'], ['5+ 5..9'], 'false 9'],
  ['readings in any order', ['9-', '12+', '5+'], ['5+ 5..9', '12+ 12..'], 'true 12'],
  [
    'both states at one instant while open: one interval ends, another starts',
    ['5+', '9+', '9-'],
    ['5+ 5..9', '9+ 9..'],
    'true 9',
  ],
  [
    'both states at one instant while closed: an interval of no length',
    ['5-', '9-', '9+'],
    ['9+ 9..9'],
    'false 9',
  ],
  ['both states at the first instant', ['9-', '9+'], ['9+ 9..9'], 'false 9'],
  [
    'many readings at one instant while open',
    ['5+', '9-', '9-b', '9+', '9+b'],
    ['5+ 5..9', '9+ 9..'],
    'true 9',
  ],
  ['many readings at one instant while closed', ['9+b', '9-', '9+', '9-b'], ['9+ 9..9'], 'false 9'],
  [
    'two OPEN readings at one instant: the first id starts the interval',
    ['5+b', '5+a'],
    ['5+a 5..'],
    'true 5',
  ],
];

describe('deriveIntervals and deriveSignalValue', () => {
  it.each(CASES)('%s', (_, texts, intervals, expected) => {
    const reports = texts.map(parseReport);
    const found = deriveIntervals(reports).map(
      ({ startId, startedAt, endedAt }) => `${startId} ${startedAt}..${endedAt ?? ''}`,
    );
    expect(found).toStrictEqual(intervals);
    const { value, since } = deriveSignalValue(reports);
    expect(`${String(value)} ${String(since)}`).toBe(expected);
  });

  it('use the first of several readings with one id', () => {
    const twice = [parseReport('5+'), { ...parseReport('9-'), id: '5+' }];
    expect(deriveIntervals(twice)).toStrictEqual([{ startId: '5+', startedAt: 5, endedAt: null }]);
    expect(deriveSignalValue(twice.toReversed())).toStrictEqual({ value: false, since: 9 });
  });
});

describe('compareReadings', () => {
  const reading = (id: string, at = 0): SignalReport => ({ id, value: true, at });

  it('orders by instant before id', () => {
    expect(compareReadings(reading('b', 1), reading('a', 2))).toBeLessThan(0);
    expect(compareReadings(reading('b', 1), reading('a', 1))).toBeGreaterThan(0);
    expect(compareReadings(reading('a', 1), reading('a', 1))).toBe(0);
  });

  it('orders the last code points', () => {
    expect(compareReadings(reading('\u{10fffe}'), reading('\u{10ffff}'))).toBeLessThan(0);
  });

  it('orders ids by code points, as UTF-8 bytes sort', () => {
    const id = fc.string({
      unit: fc.constantFrom('a', 'b', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10fffe}', '\u{10ffff}'),
    });
    fc.assert(
      fc.property(id, id, (a, b) => {
        const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareReadings(reading(a), reading(b)))).toBe(expected);
      }),
    );
  });
});
