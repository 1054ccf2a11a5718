import { ExpectedError } from '@seguridad-abc/platform';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromCursor, toCursor } from './cursor.js';
import { readPage, type PageArgs } from './page.js';

const faultsOf = (args: PageArgs) => {
  try {
    readPage(args);
  } catch (error) {
    if (error instanceof ExpectedError) return error.extensions;
  }
  throw new Error('it was not refused');
};

describe('a cursor', () => {
  test('brings back the position that it was made of', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (position) => {
        expect(fromCursor(toCursor(position))).toBe(position);
        expect(toCursor(position)).toMatch(/^[\w-]+$/);
      }),
    );
  });

  test('is nothing but what was given out', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const position = fromCursor(text);
        if (position !== undefined) expect(toCursor(position)).toBe(text);
      }),
    );
    const text = (plain: string) => Buffer.from(plain).toString('base64url');
    for (const cursor of [
      '',
      '7',
      'rule:7',
      text('rule:'),
      text('rule:-1'),
      text('rule:07'),
      text('user:7'),
    ]) {
      expect(fromCursor(cursor)).toBeUndefined();
    }
    expect(fromCursor(`${toCursor(7)}=`)).toBeUndefined();
  });
});

describe('a page', () => {
  test('is the first 20 by default, and null is as good as absent', () => {
    const page = { from: 'start', size: 20, after: undefined, before: undefined };
    expect(readPage({})).toEqual(page);
    expect(readPage({ first: null, after: null, last: null, before: null })).toEqual(page);
  });

  test('is taken from either end, between both cursors', () => {
    const cursors = { after: toCursor(9), before: toCursor(3) };
    expect(readPage({ first: 1, ...cursors })).toEqual({ from: 'start', size: 1, after: 9, before: 3 });
    expect(readPage({ last: 200, ...cursors })).toEqual({ from: 'end', size: 200, after: 9, before: 3 });
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
});
