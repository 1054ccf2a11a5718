import { formatConsistencyToken } from '@seguridad-abc/contracts';
import { describe, expect, it } from 'vitest';
import { readToken } from './read-token.js';

const tokenAt = (position: number) => ({ logId: 'log', position, at: 1 });
const text = (position: number) => formatConsistencyToken(tokenAt(position));

describe('the token of an operation', () => {
  it('is read from its extensions and from the header', () => {
    expect(readToken({ consistencyToken: text(1) })).toStrictEqual(tokenAt(1));
    expect(readToken(undefined, text(1))).toStrictEqual(tokenAt(1));
    expect(readToken({}, null)).toBeUndefined();
    expect(readToken({ consistencyToken: null }, '')).toBeUndefined();
  });

  it('is the later one where there are two', () => {
    expect(readToken({ consistencyToken: text(1) }, text(2))).toStrictEqual(tokenAt(2));
    expect(readToken({ consistencyToken: text(3) }, text(2))).toStrictEqual(tokenAt(3));
  });

  it.each([
    [{ consistencyToken: 1 }, null, ['extensions', 'consistencyToken']],
    [{ consistencyToken: text(1) }, 'none', ['x-consistency-token']],
  ])('anything else is refused, with its place', (extensions, header, path) => {
    expect(() => readToken(extensions, header)).toThrow(
      expect.objectContaining({
        extensions: { code: 'BAD_USER_INPUT', faults: [expect.objectContaining({ path })] },
      }),
    );
  });
});
