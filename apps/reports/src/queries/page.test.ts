import { ExpectedError } from '@seguridad-abc/platform';
import { describe, expect, test } from 'vitest';
import { RULE_CURSOR } from './cursor.js';
import { readPage, type PageArgs } from './page.js';

const faultsOf = (args: PageArgs) => {
  try {
    readPage(args, RULE_CURSOR);
  } catch (error) {
    if (error instanceof ExpectedError) return error.extensions;
  }
  throw new Error('it was not refused');
};

describe('a page', () => {
  test('is the first 20 by default, and null is as good as absent', () => {
    const page = { from: 'start', size: 20, after: undefined, before: undefined };
    expect(readPage({}, RULE_CURSOR)).toEqual(page);
    expect(readPage({ first: null, after: null, last: null, before: null }, RULE_CURSOR)).toEqual(page);
  });

  test('is taken from either end, between both cursors', () => {
    const cursors = { after: RULE_CURSOR.write([9]), before: RULE_CURSOR.write([3]) };
    expect(readPage({ first: 1, ...cursors }, RULE_CURSOR)).toEqual({
      from: 'start',
      size: 1,
      after: [9],
      before: [3],
    });
    expect(readPage({ last: 200, ...cursors }, RULE_CURSOR)).toEqual({
      from: 'end',
      size: 200,
      after: [9],
      before: [3],
    });
  });

  test.each([0, -1, 201, 2_000_000_000])('of %i is refused', (size) => {
    for (const name of ['first', 'last'] as const) {
      const message = `${name} must be from 1 to 200; it is ${size}.`;
      expect(faultsOf({ [name]: size })).toEqual({
        code: 'BAD_USER_INPUT',
        faults: [{ path: [name], code: 'OUT_OF_RANGE', message }],
      });
    }
  });

  test('is refused with every fault at once', () => {
    const { faults } = faultsOf({ first: 0, last: 201, after: 'x', before: '' }) as unknown as {
      faults: { path: string[]; code: string }[];
    };
    expect(faults.map(({ path, code }) => [...path, code])).toEqual([
      ['first', 'OUT_OF_RANGE'],
      ['last', 'OUT_OF_RANGE'],
      ['after', 'INVALID'],
      ['before', 'INVALID'],
      ['last', 'NOT_TOGETHER'],
    ]);
  });

  test('is refused with what else is wrong', () => {
    const other = { path: ['filter'], code: 'INVALID', message: 'It is wrong.' };
    expect(() => readPage({}, RULE_CURSOR, [other])).toThrow('It is wrong.');
    expect(() => readPage({ first: 0 }, RULE_CURSOR, [other])).toThrow(/It is wrong. first must be/);
  });
});
