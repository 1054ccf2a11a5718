import {
  WEEKDAYS,
  formatInstant,
  pickFields,
  ruleConditionsSchema,
  type CalendarDate,
  type RuleState,
} from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  listAlarms,
  type ReferenceException,
  type ReferenceReading,
  type ReferenceVersion,
} from '../../../../tests/reference/reference-evaluation.js';
import type { SliceLimits } from '../readings/reading-repository.js';
import { createRuleInput } from '../testing/fixtures.js';
import { replayLog } from '../testing/replay-log.js';
import {
  openOtherInstance,
  openTestStorage,
  usesPostgres,
  type TestStorage,
} from '../testing/test-storage.js';

/** PROPERTY_RUNS sets a larger number for a long run (docs/evaluation.md). */
const CASES = Number(process.env['PROPERTY_RUNS'] ?? (usesPostgres ? 20 : 60));

/** Readings have whole seconds. Rules change half a second later, so the order within an instant does not matter. */
const START = Date.parse('2026-03-27T20:00:00.500Z');
const SECOND = 1_000;
const OPENINGS = ['Door', 'Window'] as const;
/** More timers than this in one step are not run one by one. */
const MAX_TICKS = 200;

let clock = START;
const now = () => formatInstant(clock);
let getSliceLimits = (): SliceLimits => ({ readingsPerStep: 100, costUs: 7_000 });
let test: TestStorage;
/** Another instance on PostgreSQL, which takes every second command; the same one on SQLite. */
let other: TestStorage;
let commandCount = 0;
const getCommands = () => (++commandCount % 2 === 0 ? other : test).commands;
const options = { now, getSliceLimits: () => getSliceLimits() };
beforeAll(async () => {
  test = await openTestStorage(options);
  other = await openOtherInstance(test, options);
});
afterAll(async () => {
  if (other !== test) await other.close();
  await test.close();
});

const time = fc.constantFrom('00:00', '02:30', '08:00', '20:59:30', '22:00', '23:30');
const days = fc.oneof(
  { weight: 3, arbitrary: fc.constant([...WEEKDAYS]) },
  fc.subarray(['MONDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const),
);
const activeWindow = fc.record({ days, opensAt: time, closesAt: time });
/** The start and the end of a window are always allowed as `openBy`. */
const openBy = fc.constantFrom('opensAt' as const, 'closesAt' as const, null);
const dayWindow = fc
  .record({ opensAt: time, closesAt: time, openBy })
  .map((window) => ({ ...window, openBy: window.openBy && window[window.openBy] }));
const windows = fc.array(
  fc.record({ days, window: dayWindow }).map((one) => ({ days: one.days, ...one.window })),
  { maxLength: 3 },
);
const rarely = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2 });
const definition = fc
  .record({
    windows: fc.option(windows),
    timeZone: fc.constantFrom('UTC', 'Europe/Madrid', 'America/New_York', 'Australia/Lord_Howe'),
    graceSeconds: fc.constantFrom(0, 0, 30, 600),
    maxOpenSeconds: fc.option(fc.integer({ min: 1, max: 90 })),
    activeWindows: rarely(fc.array(activeWindow, { minLength: 1, maxLength: 2 })),
    silentAfterSeconds: rarely(fc.oneof(fc.constantFrom(60, 90), fc.integer({ min: 60, max: 100_000 }))),
    onTamper: fc.boolean(),
    onBatteryLow: fc.boolean(),
    hasCalendar: fc.boolean(),
  })
  .map((one) =>
    (one.windows ?? one.maxOpenSeconds ?? one.silentAfterSeconds) ? one : { ...one, onTamper: true },
  );
const calendarDates = fc
  .uniqueArray(
    fc.record({ day: fc.integer({ min: 22, max: 31 }), windows: fc.array(dayWindow, { maxLength: 2 }) }),
    {
      selector: ({ day }) => day,
      maxLength: 5,
    },
  )
  .map((dates) =>
    dates.map(({ day, ...date }): CalendarDate => ({ date: `2026-03-${day}`, label: null, ...date })),
  );
const creation = fc.record({
  kind: fc.constant('create' as const),
  opening: fc.constantFrom(...OPENINGS),
  definition,
  enabled: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
  /** Seconds from now. */
  effective: fc.option(fc.integer({ min: -300_000, max: 100_000 })),
});
const limits = fc.constantFrom<SliceLimits>(
  { readingsPerStep: 1, costUs: 1 },
  { readingsPerStep: 2, costUs: 500 },
  { readingsPerStep: 100, costUs: 7_000 },
);
const readingId = fc.integer({ min: 0, max: 40 }).map(String);
const step = fc.oneof(
  {
    weight: 7,
    arbitrary: fc.record({
      kind: fc.constant('record' as const),
      limits,
      readings: fc.array(
        fc.record({
          id: readingId,
          opening: fc.constantFrom(...OPENINGS),
          state: fc.oneof(
            { weight: 5, arbitrary: fc.constantFrom('OPEN' as const, 'CLOSED' as const) },
            fc.constant(null),
          ),
          tampered: rarely(fc.boolean()),
          batteryLow: fc.option(fc.boolean()),
          /** Seconds before now. */
          ago: fc.oneof(fc.integer({ min: -200, max: 200 }), fc.integer({ min: 0, max: 300_000 })),
        }),
        { minLength: 1, maxLength: 6 },
      ),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      seconds: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 200_000 })),
      /** Whether monitoring runs meanwhile, so that each timer runs at its instant. */
      isRunning: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: creation },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('update' as const),
      which: fc.nat(3),
      change: fc.oneof(
        definition.map(({ hasCalendar, ...one }) => ({ ...one, ...(hasCalendar && { hasCalendar }) })),
        fc.record({ enabled: fc.boolean() }),
        fc.record({ name: fc.uuid() }),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), which: fc.nat(3) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('withdraw' as const),
      limits,
      opening: fc.constantFrom(...OPENINGS),
      ids: fc.array(readingId, { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('except' as const),
      effect: fc.constantFrom('ALLOW' as const, 'SUSPEND' as const),
      openings: fc.option(fc.subarray([...OPENINGS], { minLength: 1 })),
      /** Seconds from now. */
      from: fc.oneof(fc.constant(0), fc.integer({ min: -100, max: 100_000 })),
      seconds: fc.oneof(fc.integer({ min: 200, max: 900 }), fc.integer({ min: 200, max: 100_000 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('calendar' as const), dates: calendarDates }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('restart' as const), changesZoneData: fc.boolean() }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A calendar as it was changed to at an instant. */
interface CalendarChange {
  readonly at: number;
  readonly dates: readonly CalendarDate[];
}

interface TestException extends ReferenceException {
  readonly id: string;
  readonly openings: readonly string[] | null;
}

/** Everything that has happened, as plain data. */
interface TestHistory {
  readonly userId: string;
  /** By opening, in the order of arrival. */
  readonly readings: Map<string, ReferenceReading[]>;
  readonly withdrawn: Map<string, Set<string>>;
  /** By rule, in the order of changes. */
  readonly rules: Map<string, RuleState[]>;
  readonly calendarChanges: CalendarChange[];
  exceptions: TestException[];
}

const sortDates = (dates: readonly CalendarDate[]) =>
  JSON.stringify([...dates].sort((a, b) => (a.date < b.date ? -1 : 1)));
const hasOtherDates = (a: readonly CalendarDate[], b: readonly CalendarDate[]) =>
  sortDates(a) !== sortDates(b);

let users = 0;
const wholeSecond = (ms: number) => Math.floor(ms / SECOND) * SECOND;
const runDueJobs = async () => {
  while (await test.storage.dueJobs.runSome());
};

/** Lets each timer run at its instant, up to an instant. */
async function runTimersUntil(until: number) {
  for (let tick = 0; tick < MAX_TICKS; tick++) {
    await runDueJobs();
    const nextAt = await test.storage.dueJobs.findNextDueAt();
    if (nextAt === undefined || nextAt > until) break;
    clock = Math.max(clock, nextAt);
  }
  clock = until;
}

async function runSteps(steps: readonly Step[], history: TestHistory) {
  const { userId, readings, withdrawn, rules, calendarChanges } = history;
  const addState = (rule: RuleState) => rules.set(rule.id, [...(rules.get(rule.id) ?? []), rule]);
  const getRule = (which: number) => [...rules.values()][which]?.at(-1);
  const calendar = await getCommands().createCalendar({ userId, name: 'Holidays', dates: [] });
  calendarChanges.push({ at: clock, dates: [] });

  for (const next of steps) {
    clock += SECOND;
    switch (next.kind) {
      case 'record': {
        const received = next.readings
          .map(({ ago, ...one }) => ({ ...one, at: wholeSecond(clock - ago * SECOND) }))
          .filter(({ state, tampered, batteryLow }) => state ?? tampered ?? batteryLow ?? null);
        if (received.length === 0) break;
        for (const { opening, ...reading } of received)
          readings.set(opening, [...(readings.get(opening) ?? []), reading]);
        getSliceLimits = () => next.limits;
        const sent = received.map((reading) => ({ ...reading, at: formatInstant(reading.at) }));
        await getCommands().recordReadings({ userId, readings: sent });
        break;
      }
      case 'pass':
        if (next.isRunning) await runTimersUntil(clock + next.seconds * SECOND);
        else clock += next.seconds * SECOND;
        await runDueJobs();
        break;
      case 'create': {
        const { opening, enabled, effective } = next;
        const { hasCalendar, ...fields } = next.definition;
        const effectiveFrom = effective === null ? null : formatInstant(clock + effective * SECOND);
        const name = `Rule ${rules.size}`;
        const calendarId = hasCalendar ? calendar.id : null;
        const rule = { ...fields, calendarId, userId, name, opening, enabled, effectiveFrom };
        addState(await getCommands().createRule(createRuleInput(rule)));
        break;
      }
      case 'update': {
        const rule = getRule(next.which);
        if (rule?.deletedAt !== null) break;
        const { hasCalendar, ...change } = next.change as typeof next.change & { hasCalendar?: boolean };
        const calendarId = hasCalendar === undefined ? {} : { calendarId: calendar.id };
        addState(await getCommands().updateRule({ id: rule.id, ...change, ...calendarId }));
        break;
      }
      case 'delete': {
        const rule = getRule(next.which);
        if (rule?.deletedAt === null) addState(await getCommands().deleteRule({ id: rule.id }));
        break;
      }
      case 'withdraw': {
        const known = new Set(readings.get(next.opening)?.map(({ id }) => id));
        const ofOpening = withdrawn.get(next.opening) ?? new Set();
        withdrawn.set(next.opening, ofOpening);
        for (const id of next.ids) if (known.has(id)) ofOpening.add(id);
        getSliceLimits = () => next.limits;
        const { opening, ids } = next;
        await getCommands().withdrawReadings({ userId, opening, ids, reason: 'a wrong sensor' });
        break;
      }
      case 'except': {
        const { effect, openings } = next;
        const from = Math.max(clock, clock + next.from * SECOND);
        const until = from + next.seconds * SECOND;
        const { id } = await getCommands().createException({
          userId,
          effect,
          openings,
          from: formatInstant(clock + next.from * SECOND),
          until: formatInstant(until),
          reason: 'stock-taking',
        });
        history.exceptions.push({ id, kind: effect, openings, from, until });
        break;
      }
      case 'cancel': {
        const exception = history.exceptions[next.which];
        if (!exception || exception.until <= clock) break;
        await getCommands().cancelException({ id: exception.id });
        history.exceptions = history.exceptions.map((one) =>
          one === exception ? { ...one, until: Math.min(one.until, clock) } : one,
        );
        break;
      }
      case 'calendar':
        await getCommands().updateCalendar({ id: calendar.id, dates: next.dates });
        if (hasOtherDates(calendarChanges.at(-1)?.dates ?? [], next.dates))
          calendarChanges.push({ at: clock, dates: next.dates });
        break;
      case 'restart':
        await test.reopen(next.changesZoneData ? { zoneDataVersion: `version ${clock}` } : {});
        break;
    }
  }
  clock += SECOND;
  await runDueJobs();
}

const getConditions = (state: RuleState) =>
  JSON.stringify([pickFields(ruleConditionsSchema, state), state.enabled, state.deletedAt]);

/** The versions of a rule. A change of its calendar begins a version too, a change of its name does not. */
function toVersions(
  allStates: readonly RuleState[],
  calendarChanges: readonly CalendarChange[],
): ReferenceVersion[] {
  const states = allStates.filter(
    (state, index) => index === 0 || getConditions(state) !== getConditions(allStates[index - 1]!),
  );
  return states.flatMap((state, index) => {
    const decidedAt = Date.parse(index === 0 ? state.createdAt : state.updatedAt);
    const effectiveFrom = Date.parse(state.effectiveFrom);
    const from = index === 0 ? effectiveFrom : Math.max(decidedAt, effectiveFrom);
    const next = states[index + 1];
    const endsAt = next ? Date.parse(next.updatedAt) : Infinity;
    const first = calendarChanges.findLast(({ at }) => at <= decidedAt);
    const later = calendarChanges.filter(({ at }) => at > decidedAt && at < endsAt);
    const parts = state.calendarId === null ? [undefined] : [first, ...later];
    const starts = parts.map((part, i) => (i === 0 ? from : Math.max(part?.at ?? from, from)));
    return parts.map((part, i) => ({
      ...state,
      from: starts[i] ?? from,
      until: starts[i + 1] ?? endsAt,
      enabled: state.enabled && state.deletedAt === null,
      calendar: part ? Object.fromEntries(part.dates.map(({ date, windows }) => [date, windows])) : null,
    }));
  });
}

function listExpectedAlarms({ readings, withdrawn, rules, calendarChanges, exceptions }: TestHistory) {
  return [...rules].flatMap(([ruleId, states]) => {
    const opening = states[0]?.opening ?? '';
    const found = listAlarms({
      versions: toVersions(states, calendarChanges),
      exceptions: exceptions.filter(({ openings }) => openings?.includes(opening) ?? true),
      readings: readings.get(opening) ?? [],
      withdrawnIds: [...(withdrawn.get(opening) ?? [])],
      now: clock,
    });
    return found.map(({ kind, raisedAt, clearedAt }) => ({
      ruleId,
      kind,
      raisedAt: formatInstant(raisedAt),
      clearedAt: clearedAt === Infinity ? null : formatInstant(clearedAt),
      status: clearedAt === Infinity ? 'ACTIVE' : 'CLEARED',
    }));
  });
}

const sort = (alarms: readonly object[]) => alarms.map((alarm) => JSON.stringify(alarm)).sort();

describe('the incremental evaluation', () => {
  it('equals the reference implementation', { timeout: 6_000_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(creation, fc.array(step, { minLength: 2, maxLength: 25 }), async (first, others) => {
        const { position } = await test.eventLog.end();
        const history: TestHistory = {
          userId: `user-${++users}`,
          readings: new Map(),
          withdrawn: new Map(),
          rules: new Map(),
          calendarChanges: [],
          exceptions: [],
        };
        await runSteps([first, ...others], history);
        const { alarms } = await replayLog(test.eventLog, history.userId, position);
        const present = [...alarms.values()].filter(({ status }) => status !== 'RETRACTED');
        expect(
          sort(
            present.map(({ ruleId, kind, raisedAt, clearedAt, status }) => ({
              ruleId,
              kind,
              raisedAt,
              clearedAt,
              status,
            })),
          ),
        ).toEqual(sort(listExpectedAlarms(history)));
        expect(await test.reader.select().from(test.tables.unevaluatedEpisodes)).toEqual([]);
      }),
      { numRuns: CASES },
    );
  });
});
