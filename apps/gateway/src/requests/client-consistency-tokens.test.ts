import { formatConsistencyToken, type ConsistencyToken } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClientConsistencyTokens } from './client-consistency-tokens.js';

const SECRET = 's'.repeat(32);
const tokens = createClientConsistencyTokens(SECRET);
const tokenAt = (position: number, logId = 'log', at = 1): ConsistencyToken => ({ logId, position, at });
const textAt = (...args: Parameters<typeof tokenAt>) => tokens.seal(tokenAt(...args));
const textsUpTo = (count: number) => Array.from({ length: count }, (_, index) => textAt(index));
const anyToken = fc.record(
  {
    logId: fc.uuid(),
    position: fc.nat({ max: 999_999_999_999_999 }),
    at: fc.nat({ max: 4_000_000_000_000 }),
  },
  { noNullPrototype: true },
);

describe('a consistency token of a client', () => {
  it('has the same length for every state, and never the same text', () => {
    const { length } = tokens.seal(tokenAt(0, ''));
    fc.assert(
      fc.property(anyToken, (token) => {
        const sealed = tokens.seal(token);
        expect(sealed).toHaveLength(length);
        expect(tokens.seal(token)).not.toBe(sealed);
        expect(tokens.read({ consistencyToken: sealed })?.requiredToken).toStrictEqual(token);
      }),
    );
  });

  it('is read from the extensions or from the header', () => {
    for (const received of [
      tokens.read({ consistencyToken: textAt(1) }),
      tokens.read({ consistencyToken: [textAt(1)] }, ''),
      tokens.read(undefined, textAt(1)),
      tokens.read({}, [textAt(1)]),
    ])
      expect(received).toStrictEqual({
        requiredToken: tokenAt(1),
        stalenessMs: undefined,
        mustReplaceTokens: false,
      });
    for (const [extensions, header] of [
      [undefined, undefined],
      [{}, null],
      [{ consistencyToken: null }, ''],
      [{ consistencyToken: [] }, ' , '],
    ] as const)
      expect(tokens.read(extensions, header)).toBeUndefined();
  });

  it('is issued by any gateway of the installation', () => {
    const other = createClientConsistencyTokens(SECRET);
    expect(other.read(undefined, textAt(7))?.requiredToken).toStrictEqual(tokenAt(7));
  });

  it.each([
    [{ consistencyToken: 1 }, null, ['extensions', 'consistencyToken']],
    [{ consistencyToken: [textAt(1), 'x'] }, null, ['extensions', 'consistencyToken', 1]],
    [{ consistencyToken: [textAt(1), {}] }, null, ['extensions', 'consistencyToken', 1]],
    [{ consistencyToken: textAt(1) }, 'none', ['x-consistency-token']],
    [null, `${textAt(1)}, ${textAt(1).slice(0, -4)}`, ['x-consistency-token', 1]],
    [null, `${textAt(1).slice(0, -1)}?`, ['x-consistency-token']],
  ])('is rejected with its path if it is something else', (extensions, header, path) => {
    expect(() => tokens.read(extensions, header)).toThrow(
      expect.objectContaining({
        extensions: {
          code: 'BAD_USER_INPUT',
          faults: [expect.objectContaining({ path, code: 'INVALID' })],
        },
      }),
    );
  });
});

describe('several tokens', () => {
  it('demand the latest state, and are replaced', () => {
    const latest = { requiredToken: tokenAt(9), stalenessMs: undefined, mustReplaceTokens: true };
    expect(tokens.read({ consistencyToken: [textAt(3), textAt(9), textAt(4)] })).toStrictEqual(latest);
    expect(tokens.read(undefined, `${textAt(9)},${textAt(3)}`)).toStrictEqual(latest);
    expect(tokens.read({ consistencyToken: textAt(9) }, textAt(2))).toStrictEqual(latest);
  });

  it('may be 16', () => {
    expect(tokens.read({ consistencyToken: textsUpTo(16) })?.requiredToken).toStrictEqual(tokenAt(15));
    expect(tokens.read(null, textsUpTo(16).join(', '))?.requiredToken).toStrictEqual(tokenAt(15));
  });

  it.each([
    [{ consistencyToken: textsUpTo(17) }, null],
    [null, textsUpTo(17).join(',')],
    [{ consistencyToken: textsUpTo(9) }, textsUpTo(8).join(',')],
  ])('are rejected if they are more than 16', (extensions, header) => {
    expect(() => tokens.read(extensions, header)).toThrow(
      'A request may have 16 consistency tokens; this one has 17.',
    );
  });
});

describe('a token that is not awaited', () => {
  it.each([
    ['has the format of an earlier version', formatConsistencyToken(tokenAt(5))],
    ['was issued before the secret changed', createClientConsistencyTokens('t'.repeat(32)).seal(tokenAt(5))],
  ])('%s: it is stale and is replaced', (_, text) => {
    const received = tokens.read(undefined, text);
    expect(received).toStrictEqual({
      requiredToken: undefined,
      stalenessMs: expect.any(Number) as number,
      mustReplaceTokens: true,
    });
    expect(tokens.read({ consistencyToken: [text, textAt(2)] })).toMatchObject({ requiredToken: tokenAt(2) });
  });

  it('is of an earlier log than another token', () => {
    const at = Date.now();
    const received = tokens.read(undefined, `${textAt(90, 'old', at - 60_000)},${textAt(1, 'new', at)}`);
    expect(received?.requiredToken).toStrictEqual(tokenAt(1, 'new', at));
    expect(received?.stalenessMs).toBeGreaterThanOrEqual(60_000);
    expect(received?.stalenessMs).toBeLessThan(120_000);
  });
});
