import { formatConsistencyToken } from '@seguridad-abc/contracts';
import { describe, expect, it } from 'vitest';
import { addSubgraphConsistency, createRequestConsistency, getResponseToken } from './request-consistency.js';

const tokenAt = (position: number, logId = 'log', at = 1) => ({ logId, position, at });
const extensionsAt = (...args: Parameters<typeof tokenAt>) => ({
  consistencyToken: formatConsistencyToken(tokenAt(...args)),
});
const received = (position: number, more = {}) => ({
  requiredToken: tokenAt(position),
  stalenessMs: undefined,
  mustReplaceTokens: false,
  ...more,
});

describe('the consistency of an operation', () => {
  it('requires the later of the session’s and the client’s state, then the state after its own commands', () => {
    const consistency = createRequestConsistency(tokenAt(5), received(4));
    expect(consistency.requiredToken).toStrictEqual(tokenAt(5));
    expect(createRequestConsistency(tokenAt(3), received(4)).requiredToken).toStrictEqual(tokenAt(4));
    addSubgraphConsistency(consistency, extensionsAt(8));
    addSubgraphConsistency(consistency, extensionsAt(7));
    expect(consistency.requiredToken).toStrictEqual(tokenAt(8));
  });

  it('requires the state after the request’s commands if the client’s token is of another log, even a newer one', () => {
    const consistency = createRequestConsistency(undefined, received(9));
    addSubgraphConsistency(consistency, extensionsAt(1, 'present', 0));
    expect(consistency.requiredToken).toStrictEqual(tokenAt(1, 'present', 0));
  });

  it('reports the greatest staleness of any subgraph and of the client’s tokens', () => {
    const consistency = createRequestConsistency(undefined, undefined);
    addSubgraphConsistency(consistency, {});
    expect(consistency.stalenessMs).toBeUndefined();
    addSubgraphConsistency(consistency, { staleness: 700 });
    addSubgraphConsistency(consistency, { staleness: 600 });
    expect(consistency.stalenessMs).toBe(700);
    const old = createRequestConsistency(undefined, received(1, { stalenessMs: 900 }));
    addSubgraphConsistency(old, { staleness: 700 });
    expect(old.stalenessMs).toBe(900);
  });
});

describe('the token of a response', () => {
  it('is absent for a query without tokens or with one', () => {
    expect(getResponseToken(createRequestConsistency(tokenAt(1), undefined))).toBeUndefined();
    expect(getResponseToken(createRequestConsistency(undefined, received(1)))).toBeUndefined();
  });

  it('covers the operation’s own commands and the tokens of the request', () => {
    const consistency = createRequestConsistency(tokenAt(5), received(6));
    addSubgraphConsistency(consistency, extensionsAt(4));
    expect(getResponseToken(consistency)).toStrictEqual(tokenAt(6));
  });

  it('replaces several tokens of a query', () => {
    const several = received(6, { mustReplaceTokens: true });
    expect(getResponseToken(createRequestConsistency(undefined, several))).toStrictEqual(tokenAt(6));
  });

  it('demands nothing if no token of the request could be read', () => {
    const unread = { requiredToken: undefined, stalenessMs: 1, mustReplaceTokens: true };
    expect(getResponseToken(createRequestConsistency(undefined, unread))?.position).toBe(0);
  });
});
