import { describe, expect, it } from 'vitest';
import { deriveIntervals, deriveOpeningState } from './open-intervals.js';
import { reading, type Written } from './testing/index.js';

/** `+` opens, `-` closes; each has its text as id. */
const cases: [name: string, readings: Written[], intervals: string[], state: string][] = [
  ['no reading', [], [], 'null null'],
  ['a first closing makes the state known', ['5-'], [], 'CLOSED 5'],
  ['the same again moves nothing', ['5-', '7-'], [], 'CLOSED 5'],
  ['an opening', ['5+'], ['5+ 5..'], 'OPEN 5'],
  ['opened again while open', ['5+', '7+'], ['5+ 5..'], 'OPEN 5'],
  ['closed', ['5+', '7+', '9-'], ['5+ 5..9'], 'CLOSED 9'],
  ['closed again', ['5+', '9-', '11-'], ['5+ 5..9'], 'CLOSED 9'],
  ['in any order', ['9-', '12+', '5+'], ['5+ 5..9', '12+ 12..'], 'OPEN 12'],
  ['both at once while open: it ends, another begins', ['5+', '9+', '9-'], ['5+ 5..9', '9+ 9..'], 'OPEN 9'],
  ['both at once while closed: no length', ['5-', '9-', '9+'], ['9+ 9..9'], 'CLOSED 9'],
  ['both at once, first of all', ['9-', '9+'], ['9+ 9..9'], 'CLOSED 9'],
  ['many at once while open', ['5+', '9-', '9-b', '9+', '9+b'], ['5+ 5..9', '9+ 9..'], 'OPEN 9'],
  ['many at once while closed', ['9+b', '9-', '9+', '9-b'], ['9+ 9..9'], 'CLOSED 9'],
  ['of two that open at once, the first id starts it', ['5+b', '5+a'], ['5+a 5..'], 'OPEN 5'],
];

describe('intervals and state', () => {
  it.each(cases)('%s', (_, written, intervals, state) => {
    const readings = written.map(reading);
    const found = deriveIntervals(readings).map(
      ({ startId, startedAt, endedAt }) => `${startId} ${startedAt}..${endedAt ?? ''}`,
    );
    expect(found).toStrictEqual(intervals);
    const { state: now, since } = deriveOpeningState(readings);
    expect(`${String(now)} ${String(since)}`).toBe(state);
  });

  it('of readings with one id the first given counts', () => {
    const twice = [reading('5+'), { ...reading('9-'), id: '5+' }];
    expect(deriveIntervals(twice)).toStrictEqual([{ startId: '5+', startedAt: 5, endedAt: null }]);
    expect(deriveOpeningState(twice.toReversed())).toStrictEqual({ state: 'CLOSED', since: 9 });
  });
});
