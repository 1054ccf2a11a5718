import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  formatInstant,
  SIGNALS,
  type CalendarDate,
  type OpeningExceptionState,
  type RuleConditions,
} from '@seguridad-abc/contracts';
import {
  checkCalendarDates,
  checkRuleConditions,
  deriveIntervals,
  listSignalReports,
  type RuleConditionsInput,
  type SensorReading,
} from '@seguridad-abc/evaluation';
import { expect, it } from 'vitest';
import { startRuleSimulation } from '../../apps/reports/src/simulation/rule-simulation.js';
import {
  EMPTY_VERSION,
  listAlarms,
  toInstant,
  toWallClock,
  type ReferenceVersion,
} from '../reference/reference-evaluation.js';

// The page is the data: each section has rules, and then a calendar, exceptions, readings and the alarms that follow.

const PAGE = readFileSync(fileURLToPath(new URL('../../docs/rule-examples.md', import.meta.url)), 'utf8');
const DAY_MS = 86_400_000;

type Exception = Pick<OpeningExceptionState, 'effect' | 'from' | 'until' | 'cancelledAt'>;

interface RuleExample {
  readonly sentence: string;
  readonly rules: readonly RuleConditions[];
  readonly calendar: CalendarDate[];
  readonly exceptions: readonly Exception[];
  readonly readings: readonly SensorReading[];
  /** Rows of the table of alarms: kind, raised, cleared. */
  readonly alarms: readonly (readonly string[])[];
}

function readExample(section: string): RuleExample {
  const [sentence = '', ...lines] = section.split('\n');
  const blocks = [...section.matchAll(/```json\n([^]*?)```/g)].map(
    ([, json = '']) => JSON.parse(json) as unknown,
  );
  const rules = [blocks[0]].flat() as (RuleConditionsInput & { severity?: unknown })[];
  const further = blocks.slice(1).flat() as Record<string, string>[];
  const { timeZone } = rules[0] ?? { timeZone: '' };
  const readLocalTime = (text = '') => toInstant(timeZone, Date.parse(`${text.replace(' ', 'T')}Z`));
  const rows = lines
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const isTableOfAlarms = (row: readonly string[]) => row.length === 3;
  const dates = checkCalendarDates(further.filter((one) => 'date' in one) as never);
  if ('faults' in dates) throw new Error(JSON.stringify(dates.faults));
  return {
    sentence,
    rules: rules.map((conditions) => {
      const checked = checkRuleConditions(conditions);
      if ('faults' in checked) throw new Error(JSON.stringify(checked.faults));
      return checked.value;
    }),
    calendar: dates.value,
    exceptions: further
      .filter((one) => 'effect' in one)
      .map(({ effect, from, until }) => ({
        effect: effect as Exception['effect'],
        from: formatInstant(readLocalTime(from)),
        until: formatInstant(readLocalTime(until)),
        cancelledAt: null,
      })),
    readings: rows
      .filter((row) => row.length === 2 && /^\d/.test(row[0] ?? ''))
      .map(([at, report = ''], index) => ({
        id: String(index),
        at: readLocalTime(at),
        ...readReport(report),
      })),
    alarms: rows.filter((row) => isTableOfAlarms(row) && /^\d/.test(row[1] ?? '')),
  };
}

const REPORTS: Readonly<Record<string, Partial<SensorReading>>> = {
  open: { state: 'OPEN' },
  closed: { state: 'CLOSED' },
  tampered: { tampered: true },
  'not tampered': { tampered: false },
  'battery low': { batteryLow: true },
  'battery good': { batteryLow: false },
};

function readReport(text: string): Pick<SensorReading, 'state' | 'tampered' | 'batteryLow'> {
  const reports = text.split(', ').map((part) => {
    const report = REPORTS[part];
    if (!report) throw new Error(`There is no report "${part}".`);
    return report;
  });
  return Object.assign({ state: null, tampered: null, batteryLow: null }, ...reports) as never;
}

const EXAMPLES = PAGE.split(/^## (?=\d+\. )/m)
  .slice(1)
  .map(readExample);

it('has twenty sentences', () => {
  expect(EXAMPLES.length).toBeGreaterThanOrEqual(20);
});

it.each(EXAMPLES.map((example) => [example.sentence, example] as const))('%s', (_, example) => {
  const { rules, readings, alarms } = example;
  const timeZone = rules[0]?.timeZone ?? '';
  const firstAt = readings[0]?.at ?? 0;
  const now = readings.at(-1)?.at ?? 0;
  const from = toInstant(timeZone, Math.floor(toWallClock(timeZone, firstAt) / DAY_MS) * DAY_MS);
  const expected = alarms.map((row) => row.join(' ')).sort();
  const formatRow = (kind: string, raisedAt: number, clearedAt: number) =>
    [kind, ...[raisedAt, clearedAt].map((at) => (at > now ? '' : formatLocalTime(timeZone, at)))]
      .join(' ')
      .trim();

  const simulated = rules.flatMap((conditions) => simulate(example, conditions, from, now));
  expect(
    simulated
      .map(({ kind, raisedAt, clearedAt }) =>
        formatRow(kind, Date.parse(raisedAt), clearedAt === null ? Infinity : Date.parse(clearedAt)),
      )
      .sort(),
    'simulateRule',
  ).toEqual(expected);

  const reference = rules.flatMap((conditions) =>
    listAlarms({
      versions: [toReferenceVersion(example, conditions, from)],
      exceptions: example.exceptions.map(({ effect, ...period }) => ({
        kind: effect,
        from: Date.parse(period.from),
        until: Date.parse(period.until),
      })),
      readings,
      now,
    }),
  );
  expect(
    reference.map(({ kind, raisedAt, clearedAt }) => formatRow(kind, raisedAt, clearedAt)).sort(),
    'the reference implementation',
  ).toEqual(expected);
});

function simulate(
  { calendar, exceptions, readings }: RuleExample,
  conditions: RuleConditions,
  from: number,
  now: number,
) {
  const request = {
    userId: 'ana',
    opening: 'Shop',
    conditions,
    from: formatInstant(from),
    to: formatInstant(now + DAY_MS),
  };
  const calendarDates = conditions.calendarId === null ? null : calendar;
  const simulation = startRuleSimulation(request, { calendarDates, exceptions: exceptions as never }, now);
  for (const signal of SIGNALS) {
    if (!simulation.needs.intervals.some((need) => need.signal === signal)) continue;
    simulation.addIntervals(
      signal,
      deriveIntervals(listSignalReports(readings, signal)).map(({ startId, startedAt, endedAt }) => ({
        signal,
        startId,
        startedAt: formatInstant(startedAt),
        endedAt: endedAt === null ? null : formatInstant(endedAt),
      })),
    );
  }
  simulation.addSilences(simulation.findSilences(readings.map(({ at }) => at)));
  const { openings } = simulation.needs;
  if (openings) simulation.checkOpenings(openings.from, openings.until);
  return simulation.getResult().alarms;
}

function toReferenceVersion(
  { calendar }: RuleExample,
  conditions: RuleConditions,
  from: number,
): ReferenceVersion {
  const { calendarId, ...fields } = conditions;
  return {
    ...EMPTY_VERSION,
    ...(fields as Partial<ReferenceVersion>),
    from,
    until: Infinity,
    enabled: true,
    calendar:
      calendarId === null ? null : Object.fromEntries(calendar.map(({ date, windows }) => [date, windows])),
  };
}

const formatLocalTime = (timeZone: string, at: number) =>
  new Date(toWallClock(timeZone, at)).toISOString().slice(0, 16).replace('T', ' ');
