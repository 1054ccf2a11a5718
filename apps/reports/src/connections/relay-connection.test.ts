import { ExpectedError } from '@seguridad-abc/platform';
import { describe, expect, test } from 'vitest';
import { createCursorCodec, parseConnectionArgs, type ConnectionArgs } from './relay-connection.js';

const CURSOR = createCursorCodec(
  { kind: 'item', maxBytes: 15, parse: (text): [number] => [Number(text)] },
  's'.repeat(32),
);

const getExtensions = (args: ConnectionArgs) => {
  try {
    parseConnectionArgs(args, CURSOR);
  } catch (error) {
    if (error instanceof ExpectedError) return error.extensions;
  }
  throw new Error('The arguments were accepted.');
};

describe('connection arguments', () => {
  test('select the first 20 nodes by default; null means absent', () => {
    const page = { from: 'start', size: 20, after: undefined, before: undefined };
    expect(parseConnectionArgs({}, CURSOR)).toEqual(page);
    expect(parseConnectionArgs({ first: null, after: null, last: null, before: null }, CURSOR)).toEqual(page);
  });

  test('select a page from either end of the range between two cursors', () => {
    const cursors = { after: CURSOR.encode([9]), before: CURSOR.encode([3]) };
    expect(parseConnectionArgs({ first: 1, ...cursors }, CURSOR)).toEqual({
      from: 'start',
      size: 1,
      after: [9],
      before: [3],
    });
    expect(parseConnectionArgs({ last: 200, ...cursors }, CURSOR)).toEqual({
      from: 'end',
      size: 200,
      after: [9],
      before: [3],
    });
  });

  test.each([0, -1, 201, 2_000_000_000])('are rejected with a page size of %i', (size) => {
    for (const name of ['first', 'last'] as const) {
      const message = `${name} must be from 1 to 200; it is ${size}.`;
      expect(getExtensions({ [name]: size })).toEqual({
        code: 'BAD_USER_INPUT',
        faults: [{ path: [name], code: 'OUT_OF_RANGE', message }],
      });
    }
  });

  test('are rejected with every fault in one error', () => {
    const { faults } = getExtensions({ first: 0, last: 201, after: 'x', before: '' }) as unknown as {
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

  test('are rejected together with faults of other arguments', () => {
    const other = { path: ['filter'], code: 'INVALID', message: 'It is wrong.' } as const;
    expect(() => parseConnectionArgs({}, CURSOR, [other])).toThrow('It is wrong.');
    expect(() => parseConnectionArgs({ first: 0 }, CURSOR, [other])).toThrow(/It is wrong. first must be/);
  });
});
