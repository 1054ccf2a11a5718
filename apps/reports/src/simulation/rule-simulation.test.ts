import type { Actor, IntervalRecord } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRuleSimulation, simulateRule, type RuleSimulationArgs } from './rule-simulation.js';

const olga: Actor = { id: 'olga', role: 'operator' };
const ana: Actor = { id: 'ana', role: 'customer' };

// Monday 2026-03-02, when Bogota is five hours behind UTC.
const at = (hour: number, minute = 0) => new Date(Date.UTC(2026, 2, 2, hour + 5, minute)).toISOString();
const MIDNIGHT = at(0);
const LATER = Date.parse(at(100));

const args = (
  rule: Partial<RuleSimulationArgs['rule']> = {},
  from = MIDNIGHT,
  to = at(24),
): RuleSimulationArgs => ({
  rule: { opening: 'Front', timeZone: 'America/Bogota', maxOpenSeconds: 600, ...rule },
  from,
  to,
});

function run(given: RuleSimulationArgs, intervals: readonly IntervalRecord[], now = LATER) {
  const checked = checkRuleSimulation(given, ana);
  if ('faults' in checked) throw new Error(JSON.stringify(checked.faults));
  return simulateRule(checked.value, intervals, now);
}
const open = (startedAt: string, endedAt: string | null): IntervalRecord => ({
  startId: startedAt,
  startedAt,
  endedAt,
});

describe('a rule that is simulated', () => {
  it('raises what it would have raised, in order', () => {
    const rule = { opensAt: '08:00', closesAt: '18:00', days: ['MONDAY'] as const };
    const { alarms } = run(args(rule), [open(at(7), at(7, 5)), open(at(17, 55), at(20))]);
    expect(alarms).toEqual([
      { kind: 'OUTSIDE_HOURS', opening: 'Front', raisedAt: at(7), clearedAt: at(7, 5) },
      { kind: 'OUTSIDE_HOURS', opening: 'Front', raisedAt: at(18), clearedAt: at(20) },
      { kind: 'OPEN_TOO_LONG', opening: 'Front', raisedAt: at(18, 5), clearedAt: at(20) },
    ]);
  });

  it('holds from its beginning on: what is open then is held against it from then on', () => {
    const found = run(args({}, at(8), at(12)), [open(at(7), at(9))]);
    expect(found).toEqual({
      alarms: [{ kind: 'OPEN_TOO_LONG', opening: 'Front', raisedAt: at(8), clearedAt: at(9) }],
      intervals: 0,
      openSeconds: 3_600,
    });
  });

  it('holds up to its end: what is due then or later is not raised', () => {
    const found = run(args({}, at(8), at(9)), [open(at(8, 50), at(10))]);
    expect(found).toEqual({ alarms: [], intervals: 1, openSeconds: 600 });
    expect(run(args({}, at(8), at(9, 1)), [open(at(8, 50), at(10))]).alarms).toHaveLength(1);
  });

  it('has raised of what is still open what is due by now', () => {
    const still = open(at(8), null);
    const now = (minute: number) => Date.parse(at(8, minute));
    expect(run(args(), [still], now(9))).toEqual({ alarms: [], intervals: 1, openSeconds: 540 });
    expect(run(args(), [still], now(10))).toEqual({
      alarms: [{ kind: 'OPEN_TOO_LONG', opening: 'Front', raisedAt: at(8, 10), clearedAt: null }],
      intervals: 1,
      openSeconds: 600,
    });
  });

  it('of which the time is cut into parts, counts openings and open time once', () => {
    const lives = fc.record({
      lengths: fc.array(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.nat(200)), { maxLength: 10 }),
      cut: fc.nat(1_440),
    });
    fc.assert(
      fc.property(lives, ({ lengths, cut }) => {
        let minute = -60;
        const intervals = lengths.map(([closed, length]) => {
          const start = (minute += closed);
          return open(at(0, start), at(0, (minute += length)));
        });
        const [whole, first, second] = [
          [MIDNIGHT, at(24)],
          [MIDNIGHT, at(0, cut)],
          [at(0, cut), at(24)],
        ].map(([from, to]) =>
          run(
            args({}, from, to),
            intervals.filter(
              ({ startedAt, endedAt }) => startedAt < to! && (startedAt >= from! || endedAt! > from!),
            ),
          ),
        );
        expect(first!.intervals + second!.intervals).toBe(whole!.intervals);
        expect(first!.openSeconds + second!.openSeconds).toBe(whole!.openSeconds);
      }),
    );
  });
});

describe('what is to be simulated', () => {
  const faultsOf = (given: RuleSimulationArgs, caller = ana) => {
    const checked = checkRuleSimulation(given, caller);
    return 'faults' in checked ? checked.faults.map(({ path, code }) => `${path.join('.')} ${code}`) : [];
  };

  it('is brought to the form in which rules are kept', () => {
    const rule = {
      userId: 'luis',
      opening: ' Jardi\u0301n ',
      opensAt: '08:00:00',
      closesAt: '18:00',
      maxOpenSeconds: null,
    };
    const given = args(rule, '2026-03-02T00:00:00-05:00', '2026-03-03T00:00:00-05:00');
    expect(checkRuleSimulation(given, olga)).toEqual({
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

  it('is told with every fault at once', () => {
    const rule = { opening: '', opensAt: '25:00', days: ['MONDAY', 'MONDAY'] as const, timeZone: '+05:00' };
    expect(faultsOf(args({ ...rule, maxOpenSeconds: 0 }, 'x', '2026-01-01'))).toEqual([
      'rule.opening EMPTY',
      'rule.opensAt INVALID',
      'rule.days.1 REPEATED',
      'rule.timeZone INVALID',
      'rule.maxOpenSeconds OUT_OF_RANGE',
      'rule.closesAt HALF_HOURS',
      'from INVALID',
      'to INVALID',
    ]);
    expect(faultsOf(args({ maxOpenSeconds: null }))).toEqual(['rule NO_HOURS_NO_TIMER']);
  });

  it.each([
    [MIDNIGHT, at(-1), ['to OUT_OF_RANGE']],
    [MIDNIGHT, MIDNIGHT, []],
    [MIDNIGHT, at(366 * 24), []],
    [MIDNIGHT, at(366 * 24, 1), ['to OUT_OF_RANGE']],
  ])('lies between %s and %s: %j', (from, to, faults) =>
    expect(faultsOf(args({}, from, to))).toEqual(faults),
  );

  it("is the caller's own, or another's where an operator asks", () => {
    expect(faultsOf(args({ userId: 'luis' }))).toEqual(['rule.userId FORBIDDEN']);
    expect(faultsOf(args({ userId: 'luis' }), olga)).toEqual([]);
    expect(checkRuleSimulation(args(), ana)).toMatchObject({ value: { userId: 'ana' } });
  });
});
