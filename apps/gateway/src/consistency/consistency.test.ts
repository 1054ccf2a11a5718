import { formatConsistencyToken } from '@seguridad-abc/contracts';
import { describe, expect, it } from 'vitest';
import { consistencyFrom, hear } from './consistency.js';

const tokenAt = (position: number) => ({ logId: 'log', position, at: 1 });
const said = (position: number) => ({ consistencyToken: formatConsistencyToken(tokenAt(position)) });

describe('an operation', () => {
  it('must see what it was told to, and then what its own commands have written', () => {
    const consistency = consistencyFrom(tokenAt(5));
    expect(consistency.mustSee).toStrictEqual(tokenAt(5));
    expect(consistency.written).toBeUndefined();
    hear(consistency, said(8));
    hear(consistency, said(7));
    expect(consistency.mustSee).toStrictEqual(tokenAt(8));
    expect(consistency.written).toStrictEqual(tokenAt(8));
  });

  it('is as stale as its stalest part', () => {
    const consistency = consistencyFrom();
    hear(consistency, {});
    expect(consistency.staleness).toBeUndefined();
    hear(consistency, { staleness: 700 });
    hear(consistency, { staleness: 600 });
    expect(consistency.staleness).toBe(700);
  });
});
