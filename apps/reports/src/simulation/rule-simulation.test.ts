import { WEEKDAYS, type Actor, type OpeningIntervalRecord, type Signal } from '@seguridad-abc/contracts';
import { createOpeningExceptionState } from '@seguridad-abc/contracts/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRuleSimulation, type RuleSimulationArgs } from './rule-simulation-request.js';
import { startRuleSimulation, type SimulationSurroundings } from './rule-simulation.js';

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

/** The records of an opening. */
interface Records {
  readonly intervals?: readonly OpeningIntervalRecord[];
  readonly heard?: readonly string[];
}

function simulateRecords(
  args: RuleSimulationArgs,
  { intervals = [], heard = [] }: Records,
  surroundings: Partial<SimulationSurroundings> = {},
  now = LATER,
) {
  const checked = checkRuleSimulation(args, ana);
  if ('faults' in checked) throw new Error(JSON.stringify(checked.faults));
  const simulation = startRuleSimulation(
    checked.value,
    { calendarDates: null, exceptions: [], ...surroundings },
    now,
  );
  const { needs } = simulation;
  for (const { signal } of needs.intervals) {
    simulation.addIntervals(
      signal,
      intervals.filter((each) => each.signal === signal),
    );
  }
  if (needs.heardInstants)
    simulation.addSilences(simulation.findSilences(heard.map((each) => Date.parse(each))));
  if (needs.openings) {
    // In slices, as requests do it.
    const { from, until } = needs.openings;
    for (let slice = from; slice < until; slice += 7_200_000)
      simulation.checkOpenings(slice, Math.min(slice + 7_200_000, until));
  }
  return simulation.getResult();
}
const simulate = (args: RuleSimulationArgs, intervals: readonly OpeningIntervalRecord[], now = LATER) =>
  simulateRecords(args, { intervals }, {}, now);

const buildInterval = (
  startedAt: string,
  endedAt: string | null,
  signal: Signal = 'OPEN',
): OpeningIntervalRecord => ({
  signal,
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

  it('raises an alarm of a sensor, which counts as no opening', () => {
    const args = buildArgs({ onTamper: true, onBatteryLow: true });
    const intervals = [
      buildInterval(at(-1), at(1), 'TAMPERED'),
      buildInterval(at(3), null, 'BATTERY_LOW'),
      buildInterval(at(4), at(4, 5)),
    ];
    expect(simulate(args, intervals)).toEqual({
      alarms: [
        { kind: 'TAMPERED', opening: 'Front', raisedAt: at(0), clearedAt: at(1) },
        { kind: 'BATTERY_LOW', opening: 'Front', raisedAt: at(3), clearedAt: null },
      ],
      intervals: 1,
      openSeconds: 300,
    });
    expect(simulate(buildArgs({ onTamper: true }), intervals).alarms).toHaveLength(1);
  });

  it('raises an alarm for each silence that is long enough', () => {
    const args = buildArgs({ maxOpenSeconds: null, silentAfterSeconds: 7_200 });
    const silent = (raisedAt: string, clearedAt: string | null) => ({
      kind: 'SILENT',
      opening: 'Front',
      raisedAt,
      clearedAt,
    });
    // The silence up to 2:00 is not longer than two hours. What follows the period clears its last alarm.
    const heard = [at(-3), at(2), at(5), at(6), at(26)];
    expect(simulateRecords(args, { heard }).alarms).toEqual([silent(at(4), at(5)), silent(at(8), at(26))]);
    // Nothing is known before the rule.
    expect(simulateRecords(args, { heard: [at(3)] }).alarms).toEqual([
      silent(at(2), at(3)),
      silent(at(5), null),
    ]);
    expect(simulateRecords(args, { heard: [at(0)] }, {}, Date.parse(at(2))).alarms).toEqual([
      silent(at(2), null),
    ]);
    expect(simulateRecords(args, { heard: [at(0)] }, {}, Date.parse(at(2)) - 1).alarms).toEqual([]);
    expect(simulateRecords(args, {}).alarms).toEqual([silent(at(2), null)]);
  });

  it('raises an alarm for each window in which nobody has opened in time', () => {
    const window = { opensAt: '08:00', closesAt: '18:00', openBy: '09:00' };
    const args = buildArgs({ maxOpenSeconds: null, windows: [window] }, at(0), at(96));
    const opened = [
      // In time on the first day, too late on the second, not at all on the third.
      buildInterval(at(8, 30), at(8, 30)),
      buildInterval(at(24 + 10), at(24 + 11)),
      buildInterval(at(72 + 8), null),
    ];
    const late = (raisedAt: string, clearedAt: string | null) => ({
      kind: 'NOT_OPENED',
      opening: 'Front',
      raisedAt,
      clearedAt,
    });
    const raised = simulate(args, opened).alarms.filter(({ kind }) => kind === 'NOT_OPENED');
    expect(raised).toEqual([late(at(24 + 9), at(24 + 10)), late(at(48 + 9), at(48 + 18))]);
    // Not over yet.
    const now = Date.parse(at(48 + 12));
    expect(simulate(args, opened.slice(0, 2), now).alarms.at(-1)).toEqual(late(at(48 + 9), null));
    // The window began before the period, and the opening was opened then.
    const during = (minute: number) => buildArgs({ windows: [window] }, at(8, minute), at(9, 1));
    expect(simulate(during(45), opened).alarms).toEqual([]);
    expect(simulate(during(45), []).alarms).toEqual([late(at(9), at(18))]);
  });

  it('raises one alarm for windows with one start, the first, also if they are in several slices', () => {
    const windows = ['09:00', '11:30'].map((openBy) => ({ opensAt: '08:00', closesAt: '18:00', openBy }));
    const { alarms } = simulate(buildArgs({ maxOpenSeconds: null, windows }), []);
    expect(alarms.map(({ raisedAt }) => raisedAt)).toEqual([at(9)]);
  });

  it('knows the dates of its calendar and the exceptions', () => {
    const args = buildArgs(
      { maxOpenSeconds: null, windows: [{ opensAt: '08:00', closesAt: '18:00' }] },
      at(0),
      at(48),
    );
    const intervals = [buildInterval(at(9), at(10)), buildInterval(at(24 + 20), at(24 + 22))];
    const getRaised = (surroundings: Partial<SimulationSurroundings>) =>
      simulateRecords(args, { intervals }, surroundings).alarms.map(({ raisedAt }) => raisedAt);
    expect(getRaised({})).toEqual([at(24 + 20)]);
    const holiday = { date: '2026-03-02', label: null, windows: [] };
    expect(getRaised({ calendarDates: [holiday] })).toEqual([at(9), at(24 + 20)]);
    const exception = createOpeningExceptionState({ from: at(24 + 19), until: at(24 + 21) });
    expect(getRaised({ exceptions: [exception] })).toEqual([at(24 + 21)]);
    expect(getRaised({ exceptions: [{ ...exception, cancelledAt: at(24 + 20, 30) }] })).toEqual([
      at(24 + 20, 30),
    ]);
    expect(getRaised({ exceptions: [{ ...exception, effect: 'SUSPEND' }] })).toEqual([at(24 + 21)]);
  });

  it('reads only what its rule needs', () => {
    const getNeeds = (rule: Partial<RuleSimulationArgs['rule']>) => {
      const checked = checkRuleSimulation(buildArgs(rule), ana);
      if ('faults' in checked) throw new Error(JSON.stringify(checked.faults));
      return startRuleSimulation(checked.value, { calendarDates: null, exceptions: [] }, LATER).needs;
    };
    const period = { from: Date.parse(MIDNIGHT), until: Date.parse(at(24)) };
    expect(getNeeds({})).toEqual({
      intervals: [{ signal: 'OPEN', ...period }],
      costPerInterval: 1,
      heardInstants: undefined,
      openings: undefined,
    });
    const windows = [{ opensAt: '08:00', closesAt: '18:00', openBy: '09:00' }];
    expect(getNeeds({ windows, silentAfterSeconds: 60, onTamper: true, onBatteryLow: true })).toEqual({
      intervals: [
        { signal: 'OPEN', from: Date.parse(at(-72)), until: Date.parse(at(96)) },
        { signal: 'TAMPERED', ...period },
        { signal: 'BATTERY_LOW', ...period },
      ],
      costPerInterval: 1,
      heardInstants: period,
      openings: period,
    });
    const fifty = Array.from({ length: 50 }, () => ({ opensAt: '08:00', closesAt: '18:00' }));
    expect(getNeeds({ windows: fifty, activeWindows: fifty }).costPerInterval).toBe(10.9);
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
          windows: [{ days: [...WEEKDAYS], opensAt: '08:00', closesAt: '18:00', openBy: null }],
          calendarId: null,
          timeZone: 'America/Bogota',
          graceSeconds: 0,
          maxOpenSeconds: null,
          activeWindows: null,
          silentAfterSeconds: null,
          onTamper: false,
          onBatteryLow: false,
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
      'rule.closesAt HALF_HOURS',
      'rule.timeZone INVALID',
      'rule.maxOpenSeconds OUT_OF_RANGE',
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
