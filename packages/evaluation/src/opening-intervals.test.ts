import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareReadings,
  deriveIntervals,
  deriveOpeningState,
  type SensorReading,
} from './opening-intervals.js';
import { parseReading, type ReadingText } from './testing/index.js';

const CASES: [name: string, readings: ReadingText[], intervals: string[], state: string][] = [
  ['no reading', [], [], 'null null'],
  ['a first CLOSED reading sets the state', ['5-'], [], 'CLOSED 5'],
  ['a repeated CLOSED reading does not move since', ['5-', '7-'], [], 'CLOSED 5'],
  ['an opening', ['5+'], ['5+ 5..'], 'OPEN 5'],
  ['a repeated OPEN reading', ['5+', '7+'], ['5+ 5..'], 'OPEN 5'],
  ['a closing', ['5+', '7+', '9-'], ['5+ 5..9'], 'CLOSED 9'],
  ['a repeated closing', ['5+', '9-', '11-'], ['5+ 5..9'], 'CLOSED 9'],
  ['readings in any order', ['9-', '12+', '5+'], ['5+ 5..9', '12+ 12..'], 'OPEN 12'],
  [
    'both states at one instant while open: one interval ends, another starts',
    ['5+', '9+', '9-'],
    ['5+ 5..9', '9+ 9..'],
    'OPEN 9',
  ],
  [
    'both states at one instant while closed: an interval of no length',
    ['5-', '9-', '9+'],
    ['9+ 9..9'],
    'CLOSED 9',
  ],
  ['both states at the first instant', ['9-', '9+'], ['9+ 9..9'], 'CLOSED 9'],
  [
    'many readings at one instant while open',
    ['5+', '9-', '9-b', '9+', '9+b'],
    ['5+ 5..9', '9+ 9..'],
    'OPEN 9',
  ],
  ['many readings at one instant while closed', ['9+b', '9-', '9+', '9-b'], ['9+ 9..9'], 'CLOSED 9'],
  [
    'two OPEN readings at one instant: the first id starts the interval',
    ['5+b', '5+a'],
    ['5+a 5..'],
    'OPEN 5',
  ],
];

describe('deriveIntervals and deriveOpeningState', () => {
  it.each(CASES)('%s', (_, texts, intervals, state) => {
    const readings = texts.map(parseReading);
    const found = deriveIntervals(readings).map(
      ({ startId, startedAt, endedAt }) => `${startId} ${startedAt}..${endedAt ?? ''}`,
    );
    expect(found).toStrictEqual(intervals);
    const { state: now, since } = deriveOpeningState(readings);
    expect(`${String(now)} ${String(since)}`).toBe(state);
  });

  it('use the first of several readings with one id', () => {
    const twice = [parseReading('5+'), { ...parseReading('9-'), id: '5+' }];
    expect(deriveIntervals(twice)).toStrictEqual([{ startId: '5+', startedAt: 5, endedAt: null }]);
    expect(deriveOpeningState(twice.toReversed())).toStrictEqual({ state: 'CLOSED', since: 9 });
  });
});

describe('compareReadings', () => {
  const reading = (id: string, at = 0): SensorReading => ({ id, state: 'OPEN', at });

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
