import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computeExpectedAlarms } from './alarm-oracle.js';
import { checkHistory } from './check-history.js';
import { FAULT_NAMES, getFault } from './faults.js';
import {
  STORED_HISTORY,
  type AcknowledgedCommand,
  type AcknowledgedReading,
  type ChaosHistory,
  type FaultPeriod,
  type HealthObservation,
  type ReceivedChange,
  type RuleRead,
  type RuleState,
} from './history.js';
import { SERVICES } from '../harness/test-platform.js';

// Histories of a correct installation, as clients could have made them. Then one thing is wrong, and the checker must find it.

const USER = 'ana';
const START = Date.parse('2026-01-05T12:00:00Z');
const SUBSCRIBERS = [
  { name: 'rules', type: 'rule' },
  { name: 'alarms', type: 'alarm' },
] as const;

const step = fc.oneof(
  fc.record({ opening: fc.nat(2), isNeverAllowed: fc.boolean() }),
  fc.record({ change: fc.nat(9), enabled: fc.boolean() }),
  fc.record({ remove: fc.nat(9) }),
  fc.record({ reading: fc.nat(2), state: fc.constantFrom('OPEN' as const, 'CLOSED' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Executes steps, one per second. */
function createHistory(steps: readonly Step[]): ChaosHistory {
  const commands: AcknowledgedCommand[] = [];
  const readings: AcknowledgedReading[] = [];
  const reads: RuleRead[] = [];
  const changes: ReceivedChange[] = [];
  const rules: RuleState[] = [];
  let at = START;
  const acknowledge = (kind: AcknowledgedCommand['kind'], before: RuleState | undefined, rule: RuleState) => {
    commands.push({
      kind,
      key: `key ${commands.length}`,
      versionBefore: before?.version ?? 0,
      sentAt: at - 5,
      acknowledgedAt: at,
      attempts: 1,
      rule,
    });
    reads.push({
      ruleId: rule.id,
      at,
      knownVersion: rule.version,
      knownDeleted: rule.deletedAt !== null,
      isStale: false,
      version: rule.deletedAt === null ? rule.version : null,
    });
    changes.push({ subscriber: 'rules', at, subject: { type: 'rule', rule } });
  };
  for (const one of steps) {
    at += 1_000;
    if ('opening' in one) {
      const rule: RuleState = {
        id: `rule ${rules.length}`,
        userId: USER,
        version: 1,
        name: `Rule ${rules.length}`,
        opening: `Door ${one.opening}`,
        maxOpenSeconds: one.isNeverAllowed ? null : 2,
        isNeverAllowed: one.isNeverAllowed,
        enabled: true,
        effectiveFrom: at,
        updatedAt: at,
        deletedAt: null,
      };
      rules.push(rule);
      acknowledge('create', undefined, rule);
    } else if ('reading' in one) {
      readings.push({
        userId: USER,
        opening: `Door ${one.reading}`,
        id: `reading ${readings.length}`,
        state: one.state,
        at,
        acknowledgedAt: at,
      });
    } else {
      const index = 'change' in one ? one.change : one.remove;
      const before = rules[index];
      if (before?.deletedAt !== null) continue;
      const changed = 'change' in one ? { enabled: one.enabled } : { deletedAt: at };
      const rule = { ...before, ...changed, version: before.version + 1, updatedAt: at };
      rules[index] = rule;
      acknowledge('change' in one ? 'update' : 'delete', before, rule);
    }
  }
  const now = at + 10_000;
  const alarms = computeExpectedAlarms(commands, readings, now).map((alarm, index) => ({
    ...alarm,
    id: `alarm ${index}`,
    userId: USER,
    status: alarm.clearedAt === null ? 'ACTIVE' : 'CLEARED',
  }));
  for (const alarm of alarms)
    changes.push({ subscriber: 'alarms', at: now, subject: { type: 'alarm', alarm } });
  return {
    seed: 1,
    startedAt: START,
    commands,
    unacknowledged: [],
    readings,
    reads,
    changes,
    subscribers: SUBSCRIBERS,
    health: [],
    failures: [],
    periods: [],
    faultProblems: [],
    final: {
      rules: rules.filter(({ deletedAt }) => deletedAt === null),
      alarms,
      readings,
      statuses: Object.fromEntries(SERVICES.map((name) => [name, 'UP'])),
      verificationProblem: undefined,
      usageBefore: [],
      usageAfter: [],
      at: now,
    },
  };
}

const history = fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }).map(createHistory);
const findViolations = (one: ChaosHistory) => checkHistory(one).flatMap(({ violations }) => violations);

test('a correct history has no violation', () => {
  fc.assert(
    fc.property(history, (one) => {
      expect(findViolations(one)).toEqual([]);
    }),
  );
});

const withFinal = (one: ChaosHistory, final: Partial<ChaosHistory['final']>): ChaosHistory => ({
  ...one,
  final: { ...one.final, ...final },
});
const dropAt = <Item>(items: readonly Item[], index: number): Item[] =>
  items.filter((_, position) => position !== index);
const replaceAt = <Item>(items: readonly Item[], index: number, replace: (item: Item) => Item): Item[] =>
  items.map((item, position) => (position === index ? replace(item) : item));

interface PlantedFault {
  readonly name: string;
  /** The items of which one is wrong. Histories without any are skipped. */
  readonly list: (one: ChaosHistory) => readonly unknown[];
  readonly plant: (one: ChaosHistory, index: number) => ChaosHistory;
  readonly finds: RegExp;
}

const PLANTED: readonly PlantedFault[] = [
  {
    name: 'a lost rule',
    list: ({ final }) => final.rules,
    plant: (one, index) => withFinal(one, { rules: dropAt(one.final.rules, index) }),
    finds: /^rule .* is lost$/,
  },
  {
    name: 'a rule that nobody has created',
    list: ({ commands }) => commands,
    plant: (one, index) =>
      withFinal(one, { rules: [...one.final.rules, { ...one.commands[index]!.rule, id: 'other' }] }),
    finds: /^rule other was never confirmed$/,
  },
  {
    name: 'a rule that is listed twice',
    list: ({ final }) => final.rules,
    plant: (one, index) => withFinal(one, { rules: [...one.final.rules, one.final.rules[index]!] }),
    finds: /is listed 2 times$/,
  },
  {
    name: 'a rule with another content',
    list: ({ final }) => final.rules,
    plant: (one, index) =>
      withFinal(one, {
        rules: replaceAt(one.final.rules, index, (rule) => ({ ...rule, enabled: !rule.enabled })),
      }),
    finds: /has enabled .*, confirmed was /,
  },
  {
    name: 'a command that was executed twice',
    list: ({ commands }) => commands,
    plant: (one, index) => ({
      ...one,
      commands: replaceAt(one.commands, index, (command) => ({
        ...command,
        rule: { ...command.rule, version: command.rule.version + 1 },
      })),
    }),
    finds: /^command .* changed rule .* from version/,
  },
  {
    name: 'a command that is never confirmed',
    list: ({ commands }) => commands,
    plant: (one) => ({ ...one, unacknowledged: ['create x'] }),
    finds: /^never confirmed: create x$/,
  },
  {
    name: 'a lost reading',
    list: ({ readings }) => readings,
    plant: (one, index) => withFinal(one, { readings: dropAt(one.final.readings, index) }),
    finds: /^reading .* is lost$/,
  },
  {
    name: 'a doubled reading',
    list: ({ readings }) => readings,
    plant: (one, index) => withFinal(one, { readings: [...one.final.readings, one.final.readings[index]!] }),
    finds: /^reading .* is stored twice$/,
  },
  {
    name: 'a reading with another instant',
    list: ({ readings }) => readings,
    plant: (one, index) =>
      withFinal(one, {
        readings: replaceAt(one.final.readings, index, (reading) => ({ ...reading, at: reading.at + 1 })),
      }),
    finds: /^reading .* is stored as/,
  },
  {
    name: 'a stale read',
    list: ({ reads }) => reads,
    plant: (one, index) => ({
      ...one,
      reads: replaceAt(one.reads, index, (read) => ({ ...read, version: read.knownVersion - 1 })),
    }),
    finds: /: read \d+, knew /,
  },
  {
    name: 'a rule that is read although it is deleted',
    list: ({ reads }) => reads.filter(({ knownDeleted }) => knownDeleted),
    plant: (one) => ({ ...one, reads: one.reads.map((read) => ({ ...read, version: read.knownVersion })) }),
    finds: /knew its deletion$/,
  },
  {
    name: 'a version that goes back for a subscriber',
    list: ({ commands }) => commands.filter(({ kind }) => kind !== 'create'),
    plant(one, index) {
      const { rule } = one.commands.filter(({ kind }) => kind !== 'create')[index]!;
      const subject = { type: 'rule' as const, rule: { id: rule.id, version: rule.version - 1 } };
      return { ...one, changes: [...one.changes, { subscriber: 'rules', at: one.final.at, subject }] };
    },
    finds: /^rules received version/,
  },
  {
    name: 'a change that is delivered twice',
    list: ({ commands }) => commands,
    plant: (one) => ({
      ...one,
      changes: [...one.changes, ...one.changes.filter(({ subscriber }) => subscriber === 'rules').slice(-1)],
    }),
    finds: /^rules received version/,
  },
  {
    name: 'a change that a subscriber does not receive',
    list: ({ final }) => final.rules,
    plant: (one, index) => ({
      ...one,
      changes: one.changes.filter(
        ({ subject }) => subject.type !== 'rule' || subject.rule.id !== one.final.rules[index]!.id,
      ),
    }),
    finds: /^rules has undefined of rule/,
  },
  {
    name: 'an alarm that a subscriber does not receive',
    list: ({ final }) => final.alarms,
    plant: (one, index) => ({
      ...one,
      changes: one.changes.filter(
        ({ subject }) => subject.type !== 'alarm' || subject.alarm.id !== one.final.alarms[index]!.id,
      ),
    }),
    finds: /^alarms has undefined of alarm/,
  },
  {
    name: 'a missing alarm',
    list: ({ final }) => final.alarms,
    plant: (one, index) => withFinal(one, { alarms: dropAt(one.final.alarms, index) }),
    finds: /^missing: /,
  },
  {
    name: 'a false alarm',
    list: ({ final }) => final.alarms,
    plant: (one, index) =>
      withFinal(one, {
        alarms: [...one.final.alarms, { ...one.final.alarms[index]!, id: 'other', raisedAt: START - 1 }],
      }),
    finds: /^unexpected: /,
  },
  {
    name: 'a doubled alarm',
    list: ({ final }) => final.alarms,
    plant: (one, index) =>
      withFinal(one, { alarms: [...one.final.alarms, { ...one.final.alarms[index]!, id: 'other' }] }),
    finds: /^doubled: /,
  },
  {
    name: 'an alarm that stays active',
    list: ({ final }) => final.alarms.filter(({ clearedAt }) => clearedAt !== null),
    plant: (one) =>
      withFinal(one, {
        alarms: one.final.alarms.map((alarm) => ({ ...alarm, status: 'ACTIVE', clearedAt: null })),
      }),
    finds: / is ACTIVE at null, not CLEARED /,
  },
];

test.each(PLANTED)('$name is found', ({ list, plant, finds }) => {
  fc.assert(
    fc.property(history, fc.nat(), (one, choice) => {
      const { length } = list(one);
      fc.pre(length > 0);
      expect(findViolations(plant(one, choice % length))).toContainEqual(
        expect.stringMatching(finds) as string,
      );
    }),
  );
});

// ---- faults, health and failures

const EMPTY = createHistory([]);
const createPeriod = (others: Partial<FaultPeriod['faults'][number]> = {}): FaultPeriod => ({
  startedAt: 1_000_000,
  healedAt: 1_020_000,
  faults: [
    {
      name: 'hang',
      target: 'reports',
      delayMs: 0,
      durationMs: 8_000,
      startedAt: 1_000_000,
      endedAt: 1_008_000,
      ...others,
    },
  ],
});
const observe = (service: string, status: HealthObservation['status'], at: number): HealthObservation => ({
  observer: 'health',
  service,
  status,
  reason: 'because',
  at,
});
const HUNG = [observe('reports', 'LATE', 1_003_000), observe('reports', 'DOWN', 1_006_000)];
const HEALED = observe('reports', 'UP', 1_010_000);
const withHealth = (health: readonly HealthObservation[]): ChaosHistory => ({
  ...EMPTY,
  periods: [createPeriod()],
  health,
});

test('an outage that health has reported, and its end, is correct', () => {
  expect(findViolations(withHealth([...HUNG, HEALED]))).toEqual([]);
});

test.each([
  ['an outage that was not reported', [HEALED], /reports was never DOWN$/],
  ['an end that was not reported', HUNG, /^health has last seen reports DOWN$/],
  [
    'an outage without a fault',
    [...HUNG, HEALED, observe('reports', 'DOWN', 1_030_000), observe('reports', 'UP', 1_031_000)],
    /^reports is DOWN without a fault/,
  ],
  [
    'an outage of a service that is well',
    [...HUNG, HEALED, observe('heartbeat', 'DOWN', 1_005_000), observe('heartbeat', 'UP', 1_006_000)],
    /^heartbeat is DOWN during hang of reports/,
  ],
] as const)('%s is found', (_, health, finds) => {
  expect(findViolations(withHealth(health))).toContainEqual(expect.stringMatching(finds) as string);
});

test('the stored history may date the pause of the monitor back to a moment before it', () => {
  const check = (observer: string) =>
    findViolations({
      ...EMPTY,
      periods: [createPeriod({ target: 'heartbeat' })],
      health: [
        { ...observe('gateway', 'UNKNOWN', 999_000), observer },
        { ...observe('gateway', 'UP', 1_010_000), observer },
        observe('heartbeat', 'DOWN', 1_006_000),
        observe('heartbeat', 'UP', 1_010_000),
      ],
    });
  expect(check(STORED_HISTORY)).toEqual([]);
  expect(check('a subscriber')).toHaveLength(1);
});

test('a request that fails right after one period is explained by the next one', () => {
  const first = createPeriod({ name: 'rebuild', target: undefined });
  const next = createPeriod({ name: 'kill', target: undefined });
  const one = {
    ...EMPTY,
    periods: [first, { ...next, startedAt: 1_021_000, healedAt: 1_030_000 }],
    failures: [
      { client: 'writer', sentAt: 1_021_050, at: 1_021_100, code: 'SUBGRAPH_UNAVAILABLE', message: 'x' },
    ],
  };
  expect(findViolations(one)).toEqual([]);
});

test('an installation that does not heal, and a fault that could not be caused, are found', () => {
  const one = {
    ...withHealth([...HUNG, HEALED]),
    periods: [{ ...createPeriod(), healedAt: null }],
    faultProblems: ['rebuild: failed'],
  };
  expect(findViolations(one)).toEqual([
    'not all services are UP again during hang of reports for 8.0 s',
    'rebuild: failed',
  ]);
});

test('a request may fail with a temporary code during a fault that fails requests, and never otherwise', () => {
  const failAt = (at: number, code: string, name: FaultPeriod['faults'][number]['name']) =>
    findViolations({
      ...EMPTY,
      periods: [createPeriod({ name, target: undefined })],
      failures: [{ client: 'writer', sentAt: at - 10, at, code, message: 'x' }],
    }).filter((text) => text.startsWith('writer'));
  expect(failAt(1_005_000, 'SUBGRAPH_UNAVAILABLE', 'kill')).toEqual([]);
  expect(failAt(1_005_000, 'INTERNAL_SERVER_ERROR', 'kill')).toHaveLength(1);
  expect(failAt(1_005_000, 'SUBGRAPH_UNAVAILABLE', 'restart')).toHaveLength(1);
  expect(failAt(1_050_000, 'SUBGRAPH_UNAVAILABLE', 'kill')).toHaveLength(1);
});

test('a service that is not back to rest, or not UP at the end, is found', () => {
  const usage = { service: 'reports', cpuShare: 0.02, memoryMb: 100, openFiles: 30 } as const;
  const one = withFinal(EMPTY, {
    usageBefore: [usage],
    usageAfter: [{ ...usage, cpuShare: 0.9, memoryMb: 900, openFiles: 300 }],
    statuses: { ...EMPTY.final.statuses, gateway: 'DEGRADED' },
    verificationProblem: '1 difference',
  });
  expect(findViolations(one)).toEqual([
    '1 difference',
    'gateway is DEGRADED at the end',
    'reports uses 90 % of a processor',
    'reports uses 900 MB, before 100',
    'reports has 300 open files, before 30',
  ]);
  expect(findViolations(withFinal(EMPTY, { usageBefore: [usage], usageAfter: [usage] }))).toEqual([]);
});

test('what health must report of a fault, it also may report', () => {
  for (const name of FAULT_NAMES) {
    const { targets, getExpectedHealth } = getFault(name);
    for (const target of targets.length > 0 ? targets : [undefined]) {
      const { required, allowed } = getExpectedHealth(target);
      for (const service of SERVICES) {
        for (const status of required[service] ?? []) expect(allowed[service]).toContain(status);
      }
    }
  }
});
