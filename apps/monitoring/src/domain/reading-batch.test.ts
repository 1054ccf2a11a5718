import { MAX_READINGS_PER_COMMAND, type Actor } from '@seguridad-abc/contracts';
import { describe, expect, it } from 'vitest';
import { checkReadingBatch, type ReadingInput, type RecordReadingsCommand } from './reading-batch.js';

const NOW = '2026-01-31T08:00:00.000Z';
const NOT_BEFORE = '2001-01-01T00:00:00.000Z';
const NO_SIGNALS = { tampered: null, batteryLow: null };
const operator: Actor = { id: 'olga', role: 'operator' };

const createReading = (reading: Partial<ReadingInput> = {}): ReadingInput => ({
  id: 'r1',
  opening: 'Shop',
  state: 'OPEN',
  at: NOW,
  ...reading,
});
const check = (input: Partial<RecordReadingsCommand> = {}, caller = operator, horizon?: string) =>
  checkReadingBatch(
    { userId: 'ana', readings: [createReading()], ...input },
    { caller, now: NOW },
    { latenessMs: 24 * 60 * 60 * 1_000, notBefore: NOT_BEFORE, horizon },
  );
const checked = (...readings: Partial<ReadingInput>[]) => {
  const result = check({ readings: readings.map(createReading) });
  if (result.kind === 'rejected') throw new Error(JSON.stringify(result));
  return result;
};

describe('checkReadingBatch', () => {
  it('groups valid readings by opening, in their order and normalized', () => {
    const { byOpening, refused, userId } = checked(
      { id: 'a', opening: ' Cafe\u0301 ' },
      { id: ' b ', opening: 'Door', state: 'CLOSED', at: '2026-01-31T02:59:59.9999-05:00' },
      { id: 'c', opening: 'Caf\u00e9', at: '2026-01-31T08:00:01Z' },
    );
    expect({ userId, refused }).toEqual({ userId: 'ana', refused: [] });
    expect([...byOpening]).toEqual([
      [
        'Caf\u00e9',
        [
          { ...NO_SIGNALS, id: 'a', index: 0, state: 'OPEN', at: Date.parse(NOW) },
          { ...NO_SIGNALS, id: 'c', index: 2, state: 'OPEN', at: Date.parse(NOW) + 1_000 },
        ],
      ],
      ['Door', [{ ...NO_SIGNALS, id: ' b ', index: 1, state: 'CLOSED', at: Date.parse(NOW) - 1 }]],
    ]);
  });

  it('refuses a name with a hidden character, unless the user has an opening of that name already', () => {
    const readings = ['Shop\u200b', 'Safe\u202e'].map((opening, i) =>
      createReading({ id: `r${i}`, opening }),
    );
    const isOnRecord = (userId: string, name: string) => userId === 'ana' && name === 'Shop\u200b';
    const result = checkReadingBatch(
      { userId: 'ana', readings },
      { caller: operator, now: NOW },
      { latenessMs: 0, notBefore: NOT_BEFORE },
      { isOnRecord },
    );
    expect('byOpening' in result && [...result.byOpening.keys()]).toEqual(['Shop\u200b']);
    expect(result).toMatchObject({ refused: [{ index: 1, code: 'CONTROL_CHARACTER' }] });
  });

  it('returns the beginning of a long id', () => {
    expect(checked({ id: 'x'.repeat(100_000) }).refused).toMatchObject([{ id: 'x'.repeat(200) }]);
  });

  it('refuses each invalid reading separately', () => {
    const { byOpening, refused } = checked(
      { id: '' },
      { id: 'x'.repeat(201) },
      { id: 'a\u0000' },
      { id: 'good' },
      { opening: '  ' },
      { opening: 'x'.repeat(81) },
      { at: '2026-01-31T08:00:00' },
      { at: '2026-02-30T08:00:00Z' },
      { at: '2026-01-31T08:05:00.001Z' },
      { id: 'ahead', at: '2026-01-31T08:05:00.000Z' },
    );
    expect(refused.map(({ index, code }) => `${index} ${code}`)).toEqual([
      '0 EMPTY',
      '1 TOO_LONG',
      '2 CONTROL_CHARACTER',
      '4 EMPTY',
      '5 TOO_LONG',
      '6 INVALID',
      '7 INVALID',
      '8 READING_IN_FUTURE',
    ]);
    expect(byOpening.get('Shop')?.map(({ id }) => id)).toEqual(['good', 'ahead']);
  });

  it('reports all faults of a reading with the code of the first', () => {
    const { refused } = checked({ opening: '', at: 'x' });
    expect(refused).toEqual([
      {
        id: 'r1',
        index: 0,
        code: 'EMPTY',
        message: expect.stringMatching(/opening must not be empty\. at must be an RFC 3339/) as string,
      },
    ]);
  });

  it('refuses readings from before the horizon of history, also those of operators', () => {
    const horizon = '2026-01-30T08:00:00.000Z';
    const readings = [
      createReading({ id: 'old', at: '2026-01-30T07:59:59.999Z' }),
      createReading({ id: 'kept', at: horizon }),
    ];
    expect(check({ readings }, operator, horizon)).toMatchObject({
      refused: [
        {
          id: 'old',
          code: 'READING_BEFORE_HORIZON',
          message: `at must not be before ${horizon}: the history from before it is removed.`,
        },
      ],
    });
  });

  it('refuses readings of devices and customers that are more than a day old, and accepts them from operators', () => {
    const readings = [
      createReading({ id: 'old', at: '2026-01-30T07:59:59.999Z' }),
      createReading({ id: 'kept', at: '2026-01-30T08:00:00.000Z' }),
    ];
    for (const role of ['customer', 'device'] as const) {
      const result = check({ readings }, { id: 'ana', role });
      expect(result).toMatchObject({
        kind: 'checked',
        refused: [
          {
            id: 'old',
            index: 0,
            code: 'READING_TOO_LATE',
            message: 'at must be at most 86400 s ago. Only an operator may send older readings.',
          },
        ],
      });
      expect('byOpening' in result && result.byOpening.get('Shop')).toHaveLength(1);
    }
    expect(check({ readings })).toMatchObject({ refused: [] });
  });

  it('rejects a command without readings or with too many', () => {
    for (const count of [0, MAX_READINGS_PER_COMMAND + 1]) {
      expect(check({ readings: Array.from({ length: count }, () => createReading()) })).toMatchObject({
        code: 'BAD_USER_INPUT',
        faults: [{ path: ['input', 'readings'], code: 'OUT_OF_RANGE' }],
      });
    }
    expect(
      check({ readings: Array.from({ length: MAX_READINGS_PER_COMMAND }, () => createReading()) }).kind,
    ).toBe('checked');
  });

  it('lets customers and devices record readings of their own user, and operators of any user', () => {
    for (const role of ['customer', 'device'] as const) {
      const caller: Actor = { id: 'ana', role };
      expect(check({ userId: undefined }, caller)).toMatchObject({ userId: 'ana' });
      expect(check({ userId: 'ana' }, caller)).toMatchObject({ userId: 'ana' });
      expect(check({ userId: 'ben' }, caller)).toMatchObject({
        code: 'FORBIDDEN',
        faults: [{ path: ['input', 'userId'] }],
      });
    }
    expect(check({ userId: 'ben' })).toMatchObject({ userId: 'ben' });
    expect(check({ userId: null })).toMatchObject({ userId: 'olga' });
  });

  it('rejects the whole command if a device sends readings of other openings', () => {
    const readings = ['Shop', 'Back', ' Shop ', '', 'Safe'].map((opening, i) =>
      createReading({ id: `r${i}`, opening }),
    );
    const caller: Actor = { id: 'ana', role: 'device', device: 'device-1' };
    const checkBound = (...openings: string[]) =>
      checkReadingBatch(
        { readings },
        { caller, now: NOW },
        { latenessMs: 86_400_000, notBefore: NOT_BEFORE },
        { allowedOpenings: openings },
      );
    expect(checkBound('Shop')).toMatchObject({
      code: 'FORBIDDEN',
      faults: [
        { code: 'FORBIDDEN', path: ['input', 'readings', 1, 'opening'] },
        { code: 'FORBIDDEN', path: ['input', 'readings', 4, 'opening'] },
      ],
    });
    expect(checkBound('Shop', 'Back', 'Safe')).toMatchObject({ kind: 'checked', refused: [{ index: 3 }] });
  });

  it('lists ten forbidden readings of a command at most', () => {
    const readings = Array.from({ length: 1_000 }, (_, i) => createReading({ id: `r${i}` }));
    const result = checkReadingBatch(
      { userId: 'ana', readings },
      { caller: operator, now: NOW },
      { latenessMs: 0, notBefore: NOT_BEFORE },
      { allowedOpenings: ['Back'] },
    );
    expect('faults' in result && result.faults).toHaveLength(10);
  });
});
