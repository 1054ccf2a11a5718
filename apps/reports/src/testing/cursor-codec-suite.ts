import { createTextSealer } from '@seguridad-abc/platform';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ListSortKey } from '../connections/list-repository.js';
import { createCursorCodec, type CursorFormat } from '../connections/relay-connection.js';

const SECRET = 's'.repeat(32);

/**
 * Defines the tests that every cursor format must pass.
 * @param sortKeys sort keys of usual length
 * @param invalidTexts texts that are not the content of a cursor of this kind
 */
export const describeCursorFormat = <Key extends ListSortKey>(
  format: CursorFormat<Key>,
  sortKeys: fc.Arbitrary<Key>,
  invalidTexts: readonly string[],
) =>
  describe(`a cursor of the list: ${format.kind}`, () => {
    const codec = createCursorCodec(format, SECRET);
    const otherInstance = createCursorCodec(format, SECRET);
    const otherList = createCursorCodec({ ...format, kind: 'other' }, SECRET);

    test('decodes to the sort key that it encodes, in any instance of the installation', () => {
      fc.assert(
        fc.property(sortKeys, (sortKey) => {
          const cursor = codec.encode(sortKey);
          expect(cursor).toMatch(/^[\w-]+$/);
          expect(otherInstance.decode(cursor)).toEqual(sortKey);
          expect(otherInstance.encode(sortKey)).toBe(cursor);
        }),
      );
    });

    test('has the same length for every sort key, and does not contain it', () => {
      fc.assert(
        fc.property(sortKeys, sortKeys, (one, other) => {
          const cursor = codec.encode(one);
          expect(cursor).toHaveLength(codec.encode(other).length);
          expect(cursor.length).toBeLessThanOrEqual(512);
        }),
      );
    });

    test('is rejected if it was changed, or belongs to another list or installation', () => {
      fc.assert(
        fc.property(sortKeys, fc.nat(), (sortKey, position) => {
          const cursor = codec.encode(sortKey);
          const index = position % cursor.length;
          const changed = cursor[index] === 'A' ? 'B' : 'A';
          expect(codec.decode(cursor.slice(0, index) + changed + cursor.slice(index + 1))).toBeUndefined();
          expect(codec.decode(`${cursor}=`)).toBeUndefined();
          expect(otherList.decode(cursor)).toBeUndefined();
        }),
      );
      const otherInstallation = createCursorCodec(format, 't'.repeat(32));
      const [sortKey] = fc.sample(sortKeys, 1);
      if (sortKey) expect(otherInstallation.decode(codec.encode(sortKey))).toBeUndefined();
    });

    test('is rejected if its content is not a sort key, or is not sealed', () => {
      const { kind, maxBytes } = format;
      const sealer = createTextSealer({
        secret: SECRET,
        purpose: `cursor of ${kind} list`,
        maxBytes,
        isDeterministic: true,
      });
      for (const text of invalidTexts) expect(codec.decode(sealer.seal(text))).toBeUndefined();
      for (const text of ['', '7', 'rule:7', Buffer.from('rule:7').toString('base64url')])
        expect(codec.decode(text)).toBeUndefined();
    });
  });
