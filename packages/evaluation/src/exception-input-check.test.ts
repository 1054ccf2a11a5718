import { describe, expect, it } from 'vitest';
import { checkException, checkOpeningNames, type ExceptionInput } from './exception-input-check.js';

const NOW = '2026-01-05T12:00:00.000Z';
const INPUT: ExceptionInput = {
  openings: [' Back door '],
  effect: 'ALLOW',
  from: '2026-01-05T18:00:00Z',
  until: '2026-01-05T23:00:00+01:00',
  reason: ' Stock-taking ',
};
const EXCEPTION = {
  openings: ['Back door'],
  effect: 'ALLOW',
  from: '2026-01-05T18:00:00.000Z',
  until: '2026-01-05T22:00:00.000Z',
  reason: 'Stock-taking',
};

const listFaults = (changes: Partial<ExceptionInput>) => {
  const checked = checkException({ ...INPUT, ...changes }, NOW);
  return 'faults' in checked ? checked.faults.map(({ code, path }) => [code, ...path].join(' ')) : [];
};

describe('checkException', () => {
  it('normalizes each field', () => {
    expect(checkException(INPUT, NOW)).toEqual({ value: EXCEPTION });
  });

  it.each([null, undefined])('takes openings that are %s as all openings', (openings) => {
    expect(checkException({ ...INPUT, openings }, NOW)).toEqual({ value: { ...EXCEPTION, openings: null } });
  });

  it('begins now instead of in the past', () => {
    expect(checkException({ ...INPUT, from: '2020-01-01T00:00:00Z' }, NOW)).toEqual({
      value: { ...EXCEPTION, from: NOW },
    });
  });

  it.each<[Partial<ExceptionInput>, string[]]>([
    [{ openings: [] }, ['OUT_OF_RANGE openings']],
    [{ openings: Array.from({ length: 101 }, (_, index) => `Door ${index}`) }, ['OUT_OF_RANGE openings']],
    [{ openings: ['Door', ' Door'] }, ['REPEATED openings 1']],
    [{ openings: ['Door', ''] }, ['EMPTY openings 1']],
    [{ reason: ' ' }, ['EMPTY reason']],
    [{ reason: 'x'.repeat(501) }, ['TOO_LONG reason']],
    [{ from: '2026-01-05' }, ['INVALID from']],
    [{ until: 'tomorrow', from: 'today' }, ['INVALID from', 'INVALID until']],
    [{ until: NOW }, ['PAST until']],
    [{ from: '2026-01-01T00:00:00Z', until: '2026-01-02T00:00:00Z' }, ['PAST until']],
    [{ until: INPUT.from }, ['OUT_OF_RANGE until']],
    [{ until: '2026-01-05T17:00:00Z' }, ['OUT_OF_RANGE until']],
    [{ until: '2027-01-06T18:00:00.001Z' }, ['OUT_OF_RANGE until']],
    [{ from: '2020-01-01T00:00:00Z', until: '2027-01-06T12:00:00.001Z' }, ['OUT_OF_RANGE until']],
  ])('rejects %j', (changes, faults) => {
    expect(listFaults(changes)).toEqual(faults);
  });

  it.each<Partial<ExceptionInput>>([
    { until: '2027-01-06T18:00:00Z' },
    { from: '2020-01-01T00:00:00Z', until: '2027-01-06T12:00:00Z' },
    { from: '9999-06-01T00:00:00Z', until: '9999-12-31T23:59:59Z' },
    { openings: Array.from({ length: 100 }, (_, index) => `Door ${index}`) },
  ])('accepts %j', (changes) => {
    expect(listFaults(changes)).toEqual([]);
  });
});

it('checkOpeningNames takes names that are the same after normalization as repeated', () => {
  const checked = checkOpeningNames(['Café', 'Cafe\u0301'], 10);
  expect(checked).toMatchObject({ faults: [{ path: ['openings', 1], code: 'REPEATED' }] });
});
