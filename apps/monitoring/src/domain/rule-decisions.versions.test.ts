import type { RuleState, Window } from '@seguridad-abc/contracts';
import { createRuleState } from '@seguridad-abc/contracts/testing';
import { describe, expect, it } from 'vitest';
import { deriveRuleVersionChange } from './rule-decisions.js';

const CREATED = '2026-01-31T08:00:00.000Z';
const CHANGED = '2026-02-01T08:00:00.000Z';
const HOURS: Window = { days: ['MONDAY'], opensAt: '08:00', closesAt: '18:00', openBy: null };
const rule = createRuleState({
  windows: [HOURS],
  timeZone: 'UTC',
  maxOpenSeconds: null,
  effectiveFrom: CREATED,
  createdAt: CREATED,
  updatedAt: CREATED,
});
const changed = (change: Partial<RuleState>): RuleState => ({
  ...rule,
  updatedAt: CHANGED,
  version: 2,
  ...change,
});
const ms = Date.parse;

describe('deriveRuleVersionChange', () => {
  it('starts the first version at effectiveFrom, before or after the creation', () => {
    for (const effectiveFrom of ['2020-01-01T00:00:00.000Z', CREATED, '2026-06-01T00:00:00.000Z']) {
      expect(deriveRuleVersionChange(undefined, { ...rule, effectiveFrom })).toMatchObject({
        next: { from: ms(effectiveFrom), windows: [HOURS] },
        affectedFrom: Math.min(ms(effectiveFrom), ms(CREATED)),
      });
    }
  });

  it('starts the next version at the change, but not before effectiveFrom', () => {
    expect(
      deriveRuleVersionChange(rule, changed({ windows: [{ ...HOURS, opensAt: '09:00' }] })),
    ).toMatchObject({
      endsAt: ms(CHANGED),
      next: { from: ms(CHANGED), windows: [{ opensAt: '09:00' }] },
      affectedFrom: ms(CHANGED),
    });
    const future = { effectiveFrom: '2026-06-01T00:00:00.000Z' };
    expect(
      deriveRuleVersionChange({ ...rule, ...future }, changed({ ...future, maxOpenSeconds: 60 })),
    ).toMatchObject({
      endsAt: ms(CHANGED),
      next: { from: ms(future.effectiveFrom) },
    });
  });

  it('ends the version of a disabled or deleted rule, and starts one when the rule is enabled again', () => {
    for (const end of [{ enabled: false }, { deletedAt: CHANGED }]) {
      expect(deriveRuleVersionChange(rule, changed(end))).toMatchObject({
        endsAt: ms(CHANGED),
        next: undefined,
      });
    }
    expect(deriveRuleVersionChange(changed({ enabled: false }), changed({}))).toMatchObject({
      next: { from: ms(CHANGED) },
    });
  });

  it('returns undefined if only name or severity change, or if the rule stays out of force', () => {
    expect(deriveRuleVersionChange(rule, changed({ name: 'x', severity: 'CRITICAL' }))).toBeUndefined();
    const off = { enabled: false };
    expect(deriveRuleVersionChange({ ...rule, ...off }, changed({ ...off, name: 'x' }))).toBeUndefined();
    expect(deriveRuleVersionChange(changed(off), changed({ ...off, deletedAt: CHANGED }))).toBeUndefined();
  });

  it.each<Partial<RuleState>>([
    { windows: [{ ...HOURS, openBy: '09:00' }] },
    { windows: [] },
    { calendarId: 'c1' },
    { graceSeconds: 60 },
    { activeWindows: [] },
    { silentAfterSeconds: 60 },
    { onTamper: true },
    { onBatteryLow: true },
    { timeZone: 'Europe/Madrid' },
    { maxOpenSeconds: 1 },
  ])('starts a new version for %o', (change) => {
    expect(deriveRuleVersionChange(rule, changed(change))?.next).toMatchObject(change);
  });
});
