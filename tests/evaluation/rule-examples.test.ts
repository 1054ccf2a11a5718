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
import {
  buildSchema,
  coerceInputValue,
  getOperationAST,
  isInputType,
  parse,
  typeFromAST,
  validate,
  type GraphQLInputType,
} from 'graphql';
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

const readProjectFile = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const PAGE = readProjectFile('docs/rule-examples.md');
const API = buildSchema(readProjectFile('api.graphql'));
const DAY_MS = 86_400_000;

type Exception = Pick<OpeningExceptionState, 'effect' | 'from' | 'until' | 'cancelledAt'>;

/** What the page shows of the inputs of `createCalendar` and `createException`. */
interface CalendarInput {
  readonly name: string;
  readonly dates: Parameters<typeof checkCalendarDates>[0];
}
type ExceptionInput = Pick<Exception, 'effect' | 'from' | 'until'>;

interface RuleExample {
  readonly sentence: string;
  /** The JSON of the page. */
  readonly inputs: {
    readonly rules: readonly RuleConditionsInput[];
    readonly further: readonly (CalendarInput | ExceptionInput)[];
  };
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
  const rules = [blocks[0]].flat() as RuleConditionsInput[];
  const further = blocks.slice(1) as (CalendarInput | ExceptionInput)[];
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
  const dates = checkCalendarDates(further.flatMap((one) => ('dates' in one ? one.dates : [])));
  if ('faults' in dates) throw new Error(JSON.stringify(dates.faults));
  return {
    sentence,
    inputs: { rules, further },
    rules: rules.map((conditions) => {
      const checked = checkRuleConditions(conditions);
      if ('faults' in checked) throw new Error(JSON.stringify(checked.faults));
      return checked.value;
    }),
    calendar: dates.value,
    exceptions: further
      .filter((one) => 'effect' in one)
      .map(({ effect, from, until }) => ({
        effect,
        from: formatInstant(Date.parse(from)),
        until: formatInstant(Date.parse(until)),
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

const listFaults = (value: unknown, type: GraphQLInputType) => {
  const faults: string[] = [];
  coerceInputValue(value, type, (path, _, error) => faults.push(`${path.join('.')}: ${error.message}`));
  return faults;
};

const getInputType = (name: string) => {
  const type = API.getType(name);
  if (!isInputType(type)) throw new Error(`${name} is not an input.`);
  return type;
};

it('has inputs that can be copied', () => {
  for (const { inputs } of EXAMPLES) {
    for (const rule of inputs.rules) {
      const input = { ...rule, opening: 'Shop' };
      expect(listFaults(input, getInputType('SimulatedRuleInput'))).toEqual([]);
      expect(listFaults({ ...input, name: 'Rule' }, getInputType('CreateRuleInput'))).toEqual([]);
    }
    for (const input of inputs.further) {
      const type = 'dates' in input ? 'CreateCalendarInput' : 'CreateExceptionInput';
      expect(listFaults(input, getInputType(type))).toEqual([]);
    }
  }
});

it('has complete requests that the API accepts', () => {
  const requests = [...PAGE.matchAll(/^{\n[^]*?^}(?=\nEND$)/gm)].map(
    ([json]) => JSON.parse(json) as { query: string; variables: Record<string, unknown> },
  );
  expect(requests.length).toBeGreaterThanOrEqual(2);
  for (const { query, variables } of requests) {
    const document = parse(query);
    expect(validate(API, document)).toEqual([]);
    for (const { variable, type } of getOperationAST(document)?.variableDefinitions ?? []) {
      const inputType = typeFromAST(API, type) as GraphQLInputType;
      expect(listFaults(variables[variable.name.value], inputType)).toEqual([]);
    }
  }
  const operations = [...PAGE.matchAll(/`(mutation \(.*?)`/g)].map(([, operation = '']) => operation);
  expect(operations.length).toBeGreaterThanOrEqual(2);
  for (const operation of operations) expect(validate(API, parse(operation))).toEqual([]);
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
