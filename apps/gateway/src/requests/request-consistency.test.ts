import { formatConsistencyToken } from '@seguridad-abc/contracts';
import { describe, expect, it } from 'vitest';
import {
  addSubgraphConsistency,
  createRequestConsistency,
  readRequestConsistencyToken,
} from './request-consistency.js';

const tokenAt = (position: number) => ({ logId: 'log', position, at: 1 });
const textAt = (position: number) => formatConsistencyToken(tokenAt(position));

describe('the consistency of an operation', () => {
  it('requires the client’s token, then the state after its own commands', () => {
    const consistency = createRequestConsistency(tokenAt(5));
    expect(consistency.requiredToken).toStrictEqual(tokenAt(5));
    expect(consistency.writtenToken).toBeUndefined();
    addSubgraphConsistency(consistency, { consistencyToken: textAt(8) });
    addSubgraphConsistency(consistency, { consistencyToken: textAt(7) });
    expect(consistency.requiredToken).toStrictEqual(tokenAt(8));
    expect(consistency.writtenToken).toStrictEqual(tokenAt(8));
  });

  it('reports the greatest staleness of any subgraph', () => {
    const consistency = createRequestConsistency(undefined);
    addSubgraphConsistency(consistency, {});
    expect(consistency.stalenessMs).toBeUndefined();
    addSubgraphConsistency(consistency, { staleness: 700 });
    addSubgraphConsistency(consistency, { staleness: 600 });
    expect(consistency.stalenessMs).toBe(700);
  });
});

describe('readRequestConsistencyToken', () => {
  it('reads the token from the extensions or from the header', () => {
    expect(readRequestConsistencyToken({ consistencyToken: textAt(1) })).toStrictEqual(tokenAt(1));
    expect(readRequestConsistencyToken(undefined, textAt(1))).toStrictEqual(tokenAt(1));
    expect(readRequestConsistencyToken({}, null)).toBeUndefined();
    expect(readRequestConsistencyToken({ consistencyToken: null }, '')).toBeUndefined();
  });

  it('returns the later of two tokens', () => {
    expect(readRequestConsistencyToken({ consistencyToken: textAt(1) }, textAt(2))).toStrictEqual(tokenAt(2));
    expect(readRequestConsistencyToken({ consistencyToken: textAt(3) }, textAt(2))).toStrictEqual(tokenAt(3));
  });

  it.each([
    [{ consistencyToken: 1 }, null, ['extensions', 'consistencyToken']],
    [{ consistencyToken: textAt(1) }, 'none', ['x-consistency-token']],
  ])('rejects any other value with its path', (extensions, header, path) => {
    expect(() => readRequestConsistencyToken(extensions, header)).toThrow(
      expect.objectContaining({
        extensions: { code: 'BAD_USER_INPUT', faults: [expect.objectContaining({ path })] },
      }),
    );
  });
});
