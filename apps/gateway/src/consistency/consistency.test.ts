import { formatConsistencyToken } from '@seguridad-abc/contracts';
import { describe, expect, it } from 'vitest';
import { createConsistency } from './consistency.js';

const tokenAt = (position: number) => ({ logId: 'log', position, at: 1 });
const said = (position: number) => ({ consistencyToken: formatConsistencyToken(tokenAt(position)) });

describe('an operation', () => {
  it('must see what it was told to, and then what its own commands have written', () => {
    const consistency = createConsistency(tokenAt(5));
    consistency.require(tokenAt(3));
    expect(consistency.mustSee).toStrictEqual(tokenAt(5));
    expect(consistency.written).toBeUndefined();
    consistency.heard(said(8));
    consistency.heard(said(7));
    expect(consistency.mustSee).toStrictEqual(tokenAt(8));
    expect(consistency.written).toStrictEqual(tokenAt(8));
  });

  it('is as stale as its stalest part', () => {
    const consistency = createConsistency();
    consistency.heard({});
    expect(consistency.staleness).toBeUndefined();
    consistency.heard({ staleness: 700 });
    consistency.heard({ staleness: 600 });
    expect(consistency.staleness).toBe(700);
  });
});
