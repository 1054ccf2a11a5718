import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTextSealer, type TextSealerOptions } from './text-sealer.js';

const MAX_BYTES = 40;
const OPTIONS: TextSealerOptions = {
  secret: 's'.repeat(32),
  purpose: 'test',
  maxBytes: MAX_BYTES,
  isDeterministic: false,
};
const texts = fc.string({ unit: 'binary' });
const shortTexts = texts.filter((text) => Buffer.byteLength(text) <= MAX_BYTES);

describe.each([true, false])('a sealed text (isDeterministic: %s)', (isDeterministic) => {
  const options = { ...OPTIONS, isDeterministic };
  const sealer = createTextSealer(options);

  test('opens to its text in every process with the same secret', () => {
    const other = createTextSealer(options);
    fc.assert(
      fc.property(texts, (text) => {
        const sealed = sealer.seal(text);
        expect(sealed).toMatch(/^[\w-]+$/);
        expect(other.open(sealed)).toStrictEqual({ text });
      }),
    );
  });

  test('has one length, whatever the text is', () => {
    const { length } = sealer.seal('');
    fc.assert(
      fc.property(shortTexts, (text) => {
        expect(sealer.seal(text)).toHaveLength(length);
      }),
    );
    expect(sealer.seal('x'.repeat(MAX_BYTES))).toHaveLength(length);
    expect(sealer.seal('x'.repeat(MAX_BYTES + 1)).length).toBeGreaterThan(length);
  });

  test('does not open if any of its bits is changed', () => {
    fc.assert(
      fc.property(shortTexts, fc.nat(), (text, position) => {
        const bytes = Buffer.from(sealer.seal(text), 'base64url');
        const bit = position % (8 * bytes.length);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        expect(sealer.open(bytes.toString('base64url'))).not.toHaveProperty('text');
      }),
      { numRuns: 1_000 },
    );
  });

  test('does not open if it is cut, extended or spelled in another way', () => {
    const sealed = sealer.seal('a text');
    const spellings = [sealed.slice(0, -1), sealed.slice(4), `${sealed}A`, `${sealed}=`, ` ${sealed}`];
    for (const text of [...spellings, '', 'nonsense', sealed.repeat(200)])
      expect(sealer.open(text)).toStrictEqual({ problem: 'invalid' });
    fc.assert(
      fc.property(texts, (text) => {
        expect(sealer.open(text)).not.toHaveProperty('text');
      }),
    );
  });

  test('does not open for another purpose or with another secret', () => {
    fc.assert(
      fc.property(shortTexts, fc.string(), (text, purpose) => {
        fc.pre(purpose !== options.purpose);
        expect(createTextSealer({ ...options, purpose }).open(sealer.seal(text))).toStrictEqual({
          problem: 'invalid',
        });
      }),
    );
    const other = createTextSealer({ ...options, secret: 't'.repeat(32) });
    expect(other.open(sealer.seal('a text'))).toStrictEqual({ problem: 'other-key' });
  });

  test('does not contain its text', () => {
    const text = '0123456789'.repeat(4);
    const sealed = sealer.seal(text);
    expect(Buffer.from(sealed, 'base64url').includes(text.slice(0, 4))).toBe(false);
    // Texts that differ in the last character have no bytes of the encrypted part in common, except by chance.
    const other = Buffer.from(sealer.seal(`${text.slice(0, -1)}x`), 'base64url').subarray(3);
    const same = Buffer.from(sealed, 'base64url')
      .subarray(3)
      .filter((byte, index) => byte === other[index]);
    expect(same.length).toBeLessThan(10);
  });
});

test('deterministic sealed texts are equal exactly if their texts are', () => {
  const sealer = createTextSealer({ ...OPTIONS, isDeterministic: true });
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      expect(sealer.seal(one) === sealer.seal(other)).toBe(one === other);
      expect(sealer.seal(one)).toBe(sealer.seal(one));
    }),
  );
});

test('other sealed texts of one text are all different', () => {
  const sealer = createTextSealer(OPTIONS);
  const sealed = Array.from({ length: 1_000 }, () => sealer.seal('a text'));
  expect(new Set(sealed).size).toBe(1_000);
});
