import type { Actor, OpeningIntervalRecord } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRuleSimulation, simulateRule, type RuleSimulationArgs } from './rule-simulation.js';

const olga: Actor = { id: 'olga', role: 'operator' };
const ana: Actor = { id: 'ana', role: 'customer' };

// Monday 2026-03-02, when Bogota is five hours behind UTC.
const at = (hour: number, minute = 0) => new Date(Date.UTC(2026, 2, 2, hour + 5, minute)).toISOString();
const MIDNIGHT = at(0);
const LATER = Date.parse(at(100));

const buildArgs = (
  rule: Partial<RuleSimulationArgs['rule']> = {},
  from = MIDNIGHT,
  to = at(24),
): RuleSimulationArgs => ({
  rule: { opening: 'Front', timeZone: 'America/Bogota', maxOpenSeconds: 600, ...rule },
  from,
  to,
});

function simulate(args: RuleSimulationArgs, intervals: readonly OpeningIntervalRecord[], now = LATER) {
  const checked = checkRuleSimulation(args, ana);
  if ('faults' in checked) throw new Error(JSON.stringify(checked.faults));
  return simulateRule(checked.value, intervals, now);
}
const buildInterval = (startedAt: string, endedAt: string | null): OpeningIntervalRecord => ({
  startId: startedAt,
  startedAt,
  endedAt,
});

describe('a rule simulation', () => {
  it('raises alarms in order', () => {
    const rule = { opensAt: '08:00', closesAt: '18:00', days: ['MONDAY'] as const };
    const { alarms } = simulate(buildArgs(rule), [
      buildInterval(at(7), at(7, 5)),
      buildInterval(at(17, 55), at(20)),
    ]);
    expect(alarms).toEqual([
      { kind: 'OUTSIDE_HOURS', opening: 'Front', raisedAt: at(7), clearedAt: at(7, 5) },
      { kind: 'OUTSIDE_HOURS', opening: 'Front', raisedAt: at(18), clearedAt: at(20) },
      { kind: 'OPEN_TOO_LONG', opening: 'Front', raisedAt: at(18, 5), clearedAt: at(20) },
    ]);
  });

  it('applies the rule from the start of the period, also to an interval that is open then', () => {
    const found = simulate(buildArgs({}, at(8), at(12)), [buildInterval(at(7), at(9))]);
    expect(found).toEqual({
      alarms: [{ kind: 'OPEN_TOO_LONG', opening: 'Front', raisedAt: at(8), clearedAt: at(9) }],
      intervals: 0,
      openSeconds: 3_600,
    });
  });

  it('raises no alarm that is due at the end of the period or later', () => {
    const found = simulate(buildArgs({}, at(8), at(9)), [buildInterval(at(8, 50), at(10))]);
    expect(found).toEqual({ alarms: [], intervals: 1, openSeconds: 600 });
    expect(simulate(buildArgs({}, at(8), at(9, 1)), [buildInterval(at(8, 50), at(10))]).alarms).toHaveLength(
      1,
    );
  });

  it('raises the alarms of an open interval that are due now or earlier', () => {
    const openInterval = buildInterval(at(8), null);
    const now = (minute: number) => Date.parse(at(8, minute));
    expect(simulate(buildArgs(), [openInterval], now(9))).toEqual({
      alarms: [],
      intervals: 1,
      openSeconds: 540,
    });
    expect(simulate(buildArgs(), [openInterval], now(10))).toEqual({
      alarms: [{ kind: 'OPEN_TOO_LONG', opening: 'Front', raisedAt: at(8, 10), clearedAt: null }],
      intervals: 1,
      openSeconds: 600,
    });
  });

  it('counts each interval and second once when the period is divided', () => {
    const histories = fc.record({
      lengths: fc.array(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.nat(200)), { maxLength: 10 }),
      cut: fc.nat(1_440),
    });
    fc.assert(
      fc.property(histories, ({ lengths, cut }) => {
        let minute = -60;
        const intervals = lengths.map(([closed, length]) => {
          const start = (minute += closed);
          return buildInterval(at(0, start), at(0, (minute += length)));
        });
        const [undivided, first, second] = [
          [MIDNIGHT, at(24)],
          [MIDNIGHT, at(0, cut)],
          [at(0, cut), at(24)],
        ].map(([from, to]) =>
          simulate(
            buildArgs({}, from, to),
            intervals.filter(
              ({ startedAt, endedAt }) => startedAt < to! && (startedAt >= from! || endedAt! > from!),
            ),
          ),
        );
        expect(first!.intervals + second!.intervals).toBe(undivided!.intervals);
        expect(first!.openSeconds + second!.openSeconds).toBe(undivided!.openSeconds);
      }),
    );
  });
});

describe('the arguments of a rule simulation', () => {
  const getFaults = (args: RuleSimulationArgs, caller = ana) => {
    const checked = checkRuleSimulation(args, caller);
    return 'faults' in checked ? checked.faults.map(({ path, code }) => `${path.join('.')} ${code}`) : [];
  };

  it('are normalized as those of a stored rule', () => {
    const rule = {
      userId: 'luis',
      opening: ' Jardi\u0301n ',
      opensAt: '08:00:00',
      closesAt: '18:00',
      maxOpenSeconds: null,
    };
    const args = buildArgs(rule, '2026-03-02T00:00:00-05:00', '2026-03-03T00:00:00-05:00');
    expect(checkRuleSimulation(args, olga)).toEqual({
      value: {
        userId: 'luis',
        opening: 'Jardín',
        conditions: {
          opensAt: '08:00',
          closesAt: '18:00',
          days: ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'],
          timeZone: 'America/Bogota',
          maxOpenSeconds: null,
        },
        from: at(0),
        to: at(24),
      },
    });
  });

  it('are rejected with every fault at once', () => {
    const rule = { opening: '', opensAt: '25:00', days: ['MONDAY', 'MONDAY'] as const, timeZone: '+05:00' };
    expect(getFaults(buildArgs({ ...rule, maxOpenSeconds: 0 }, 'x', '2026-01-01'))).toEqual([
      'rule.opening EMPTY',
      'rule.opensAt INVALID',
      'rule.days.1 REPEATED',
      'rule.timeZone INVALID',
      'rule.maxOpenSeconds OUT_OF_RANGE',
      'rule.closesAt HALF_HOURS',
      'from INVALID',
      'to INVALID',
    ]);
    expect(getFaults(buildArgs({ maxOpenSeconds: null }))).toEqual(['rule NO_HOURS_NO_TIMER']);
  });

  it.each([
    [MIDNIGHT, at(-1), ['to OUT_OF_RANGE']],
    [MIDNIGHT, MIDNIGHT, []],
    [MIDNIGHT, at(366 * 24), []],
    [MIDNIGHT, at(366 * 24, 1), ['to OUT_OF_RANGE']],
  ])('with the period from %s to %s have the faults %j', (from, to, faults) =>
    expect(getFaults(buildArgs({}, from, to))).toEqual(faults),
  );

  it('may name another user only if the caller is an operator', () => {
    expect(getFaults(buildArgs({ userId: 'luis' }))).toEqual(['rule.userId FORBIDDEN']);
    expect(getFaults(buildArgs({ userId: 'luis' }), olga)).toEqual([]);
    expect(checkRuleSimulation(buildArgs(), ana)).toMatchObject({ value: { userId: 'ana' } });
  });
});
