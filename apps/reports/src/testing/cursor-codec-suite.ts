import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ListSortKey } from '../connections/list-repository.js';
import type { CursorCodec } from '../connections/relay-connection.js';

const toBase64Url = (text: string) => Buffer.from(text).toString('base64url');

/**
 * Defines the tests that every cursor codec must pass.
 * @param invalidTexts plain texts that are not a cursor of this kind once they are base64url-encoded
 */
export const describeCursorCodec = <Key extends ListSortKey>(
  kind: string,
  codec: CursorCodec<Key>,
  sortKeys: fc.Arbitrary<Key>,
  invalidTexts: readonly string[],
) =>
  describe(`a cursor of ${kind}`, () => {
    test('decodes to the sort key that it encodes', () => {
      fc.assert(
        fc.property(sortKeys, (sortKey) => {
          expect(codec.decode(codec.encode(sortKey))).toEqual(sortKey);
          expect(codec.encode(sortKey)).toMatch(/^[\w-]+$/);
        }),
      );
    });

    test('is rejected unless the codec encoded it', () => {
      fc.assert(
        fc.property(fc.string(), (text) => {
          const sortKey = codec.decode(text);
          if (sortKey !== undefined) expect(codec.encode(sortKey)).toBe(text);
        }),
      );
      for (const cursor of ['', '7', 'rule:7', ...invalidTexts.map(toBase64Url)])
        expect(codec.decode(cursor)).toBeUndefined();
      fc.assert(
        fc.property(sortKeys, (sortKey) => {
          expect(codec.decode(`${codec.encode(sortKey)}=`)).toBeUndefined();
        }),
      );
    });
  });
