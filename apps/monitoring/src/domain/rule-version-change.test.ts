import type { RuleState } from '@seguridad-abc/contracts';
import { describe, expect, it } from 'vitest';
import { versionChange } from './rule-version-change.js';

const CREATED = '2026-01-31T08:00:00.000Z';
const CHANGED = '2026-02-01T08:00:00.000Z';
const rule: RuleState = {
  id: 'rule-1',
  userId: 'ana',
  name: 'Shop door',
  opening: 'Shop',
  opensAt: '08:00',
  closesAt: '18:00',
  days: ['MONDAY'],
  timeZone: 'UTC',
  maxOpenSeconds: null,
  severity: 'INFO',
  enabled: true,
  effectiveFrom: CREATED,
  createdAt: CREATED,
  updatedAt: CREATED,
  deletedAt: null,
  version: 1,
};
const changed = (change: Partial<RuleState>): RuleState => ({
  ...rule,
  updatedAt: CHANGED,
  version: 2,
  ...change,
});
const ms = Date.parse;

describe('versionChange', () => {
  it('begins a new rule where it is effective, before or after its creation', () => {
    for (const effectiveFrom of ['2020-01-01T00:00:00.000Z', CREATED, '2026-06-01T00:00:00.000Z']) {
      expect(versionChange(undefined, { ...rule, effectiveFrom })).toMatchObject({
        next: { from: ms(effectiveFrom), until: null, opensAt: '08:00', days: ['MONDAY'] },
        since: Math.min(ms(effectiveFrom), ms(CREATED)),
      });
    }
  });

  it('begins a changed one with the change, but not before it is effective', () => {
    expect(versionChange(rule, changed({ opensAt: '09:00' }))).toMatchObject({
      endsAt: ms(CHANGED),
      next: { from: ms(CHANGED), opensAt: '09:00' },
      since: ms(CHANGED),
    });
    const future = { effectiveFrom: '2026-06-01T00:00:00.000Z' };
    expect(versionChange({ ...rule, ...future }, changed({ ...future, maxOpenSeconds: 60 }))).toMatchObject({
      endsAt: ms(CHANGED),
      next: { from: ms(future.effectiveFrom) },
    });
  });

  it('ends one that is disabled or deleted, and begins anew with what is enabled again', () => {
    for (const end of [{ enabled: false }, { deletedAt: CHANGED }]) {
      expect(versionChange(rule, changed(end))).toMatchObject({ endsAt: ms(CHANGED), next: undefined });
    }
    expect(versionChange(changed({ enabled: false }), changed({}))).toMatchObject({
      next: { from: ms(CHANGED) },
    });
  });

  it('is none where only name or severity are others, or a rule that says nothing still says nothing', () => {
    expect(versionChange(rule, changed({ name: 'x', severity: 'CRITICAL' }))).toBeUndefined();
    const off = { enabled: false };
    expect(versionChange({ ...rule, ...off }, changed({ ...off, name: 'x' }))).toBeUndefined();
    expect(versionChange(changed(off), changed({ ...off, deletedAt: CHANGED }))).toBeUndefined();
  });

  it.each<Partial<RuleState>>([
    { closesAt: '19:00' },
    { days: [] },
    { timeZone: 'Europe/Madrid' },
    { maxOpenSeconds: 1 },
  ])('is one with %o', (change) => {
    expect(versionChange(rule, changed(change))?.next).toMatchObject(change);
  });
});
