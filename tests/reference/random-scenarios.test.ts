import { expect, it } from 'vitest';
import { generateScenarios, type OpeningScenario } from './random-scenarios.js';
import { listAlarms, type ReferenceAlarmKind, type ReferenceVersion } from './reference-evaluation.js';

// The scenarios are worth comparing only if every kind of alarm is common in them, and every condition matters.

const KINDS: readonly ReferenceAlarmKind[] = [
  'OUTSIDE_HOURS',
  'OPEN_TOO_LONG',
  'SILENT',
  'NOT_OPENED',
  'TAMPERED',
  'BATTERY_LOW',
];
const SCENARIO_COUNT = 100;
const scenarios = generateScenarios(1, SCENARIO_COUNT);

/** The alarms of all rules of a scenario. */
const evaluate = (scenario: OpeningScenario) =>
  scenario.rules.flatMap(({ id, versions }) =>
    listAlarms({ ...scenario, versions }).map((alarm) => ({ ruleId: id, ...alarm })),
  );
type Alarms = ReturnType<typeof evaluate>;
const expected = new Map(scenarios.map((scenario) => [scenario, evaluate(scenario)]));

const formatAlarms = (alarms: Alarms, kind: string) =>
  alarms.filter((alarm) => alarm.kind === kind).map((alarm) => JSON.stringify(alarm));

/** The kinds of the alarms of a scenario that are not raised if one of its readings is withdrawn. */
function listRetractedKinds(scenario: OpeningScenario): Set<string> {
  const kinds = new Set<string>();
  for (const { id } of scenario.readings) {
    const others = evaluate({ ...scenario, withdrawnIds: [...scenario.withdrawnIds, id] });
    const isRaised = ({ ruleId, kind, start }: Alarms[number]) =>
      others.some((other) => other.ruleId === ruleId && other.kind === kind && other.start === start);
    for (const alarm of expected.get(scenario) ?? []) if (!isRaised(alarm)) kinds.add(alarm.kind);
  }
  return kinds;
}

/** Counts the scenarios in which alarms of a kind differ after a change. */
const countDifferences = (kind: string, change: (scenario: OpeningScenario) => OpeningScenario): number =>
  scenarios.filter((scenario) => {
    const before = formatAlarms(expected.get(scenario) ?? [], kind);
    const after = formatAlarms(evaluate(change(scenario)), kind);
    return before.join() !== after.join();
  }).length;

const changeVersions =
  (changes: Partial<ReferenceVersion>) =>
  (scenario: OpeningScenario): OpeningScenario => ({
    ...scenario,
    rules: scenario.rules.map((rule) => ({
      ...rule,
      versions: rule.versions.map((version) => ({ ...version, ...changes })),
    })),
  });

it('generates the same scenarios for the same seed', () => {
  expect(generateScenarios(3, 5)).toStrictEqual(generateScenarios(3, 5));
  expect(generateScenarios(3, 5)).not.toStrictEqual(generateScenarios(4, 5));
});

it.each(KINDS)('raises %s in more than a fifth of the scenarios', (kind) => {
  const count = scenarios.filter(
    (scenario) => formatAlarms(expected.get(scenario) ?? [], kind).length > 0,
  ).length;
  expect(count).toBeGreaterThan(SCENARIO_COUNT / 5);
});

it('retracts each kind in more than a tenth of the scenarios if a reading is withdrawn', () => {
  const retracted = scenarios.map(listRetractedKinds);
  const rare = KINDS.map(
    (kind) => [kind, retracted.filter((kinds) => kinds.has(kind)).length] as const,
  ).filter(([, count]) => count <= SCENARIO_COUNT / 10);
  expect(rare).toStrictEqual([]);
});

it.each<[what: string, kinds: readonly ReferenceAlarmKind[], (scenario: OpeningScenario) => OpeningScenario]>(
  [
    [
      'SUSPEND',
      KINDS,
      (scenario) => ({ ...scenario, exceptions: scenario.exceptions.filter(({ kind }) => kind === 'ALLOW') }),
    ],
    [
      'ALLOW',
      ['OUTSIDE_HOURS'],
      (scenario) => ({ ...scenario, exceptions: scenario.exceptions.filter(({ kind }) => kind !== 'ALLOW') }),
    ],
    ['the grace', ['OUTSIDE_HOURS'], changeVersions({ graceSeconds: 0 })],
    ['a calendar', ['OUTSIDE_HOURS', 'NOT_OPENED'], changeVersions({ calendar: null })],
    ['active windows', KINDS, changeVersions({ activeWindows: null })],
    ['a disabled version', KINDS, changeVersions({ enabled: true })],
    ['the zone', ['OUTSIDE_HOURS', 'NOT_OPENED'], changeVersions({ timeZone: 'Etc/GMT+1' })],
    ['a withdrawal', KINDS, (scenario) => ({ ...scenario, withdrawnIds: [] })],
    [
      'the order of arrival',
      ['SILENT'],
      (scenario) => ({ ...scenario, readings: scenario.readings.toReversed() }),
    ],
    [
      'a later version',
      KINDS,
      (scenario) => ({
        ...scenario,
        rules: scenario.rules.map((rule) => ({
          ...rule,
          versions: rule.versions.slice(0, 1).map((version) => ({ ...version, until: Infinity })),
        })),
      }),
    ],
  ],
)('depend on %s in more than 4 % of the scenarios', (_, kinds, change) => {
  const rare = kinds
    .map((kind) => [kind, countDifferences(kind, change)] as const)
    .filter(([, count]) => count <= SCENARIO_COUNT / 25);
  expect(rare).toStrictEqual([]);
});
