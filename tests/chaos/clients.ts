import { setTimeout as sleep } from 'node:timers/promises';
import { createSeededRandom, type SeededRandom } from '@seguridad-abc/cli';
import {
  parseRule,
  RULE_FIELDS,
  type AnsweredRequest,
  type NotingClient,
  type RuleData,
} from './graphql-requests.js';
import type { AcknowledgedCommand, AcknowledgedReading, RuleRead, RuleState } from './history.js';

/** Clients that change rules, and clients that send readings. Each has a user whose data no other client changes. */
const WRITER_COUNT = 2;
const SENSOR_COUNT = 2;
const OPENINGS_PER_SENSOR = 3;
const MAX_RULES_PER_WRITER = 12;
const MIN_PAUSE_MS = 60;
const MAX_PAUSE_MS = 160;
const RETRY_PAUSE_MS = 300;
/** How long a client repeats a request after the last fault has ended. */
const FINAL_RETRY_MS = 60_000;
/** Readings arrive up to this much late. */
const MAX_LATENESS_MS = 1_500;
const READ_SHARE_PERCENT = 50;

/** What the clients have done. */
export interface ClientHistory {
  readonly commands: AcknowledgedCommand[];
  readonly unacknowledged: string[];
  readonly readings: AcknowledgedReading[];
  readonly reads: RuleRead[];
}

export interface ChaosClients {
  readonly history: ClientHistory;
  /** The users whose data the clients change. */
  readonly userIds: readonly string[];
  /** Ends the clients; each first repeats its last request until it is confirmed. Sensors close all openings. */
  stop(): Promise<void>;
}

interface ClientContext {
  readonly client: NotingClient;
  readonly history: ClientHistory;
  readonly random: SeededRandom;
  readonly name: string;
  readonly isStopped: () => boolean;
  /** Repeats a request until it is answered. Undefined: it was not, until long after the last fault. */
  readonly repeat: <Data>(
    what: string,
    send: () => Promise<AnsweredRequest<Data> | undefined>,
  ) => Promise<(AnsweredRequest<Data> & { readonly attempts: number }) | undefined>;
}

/**
 * Starts clients, whose choices follow from the seed.
 * @param prefix of the users' ids: clients that run one after the other on one installation need different users
 */
export function startClients(client: NotingClient, seed: number, prefix = 'chaos'): ChaosClients {
  const history: ClientHistory = { commands: [], unacknowledged: [], readings: [], reads: [] };
  let stoppedAt: number | undefined;
  const createContext = (name: string, offset: number): ClientContext => ({
    client,
    history,
    name,
    random: createSeededRandom(seed * 100 + offset),
    isStopped: () => stoppedAt !== undefined,
    async repeat(what, send) {
      for (let attempts = 1; ; attempts += 1) {
        const answer = await send();
        if (answer) return { ...answer, attempts };
        if (stoppedAt !== undefined && Date.now() - stoppedAt > FINAL_RETRY_MS) {
          history.unacknowledged.push(what);
          return undefined;
        }
        await sleep(RETRY_PAUSE_MS);
      }
    },
  });
  const writers = Array.from({ length: WRITER_COUNT }, (_, index) => `${prefix}-writer-${index + 1}`);
  const sensors = Array.from({ length: SENSOR_COUNT }, (_, index) => `${prefix}-sensor-${index + 1}`);
  const running = [
    ...writers.map((name, index) => runWriter(createContext(name, index))),
    ...sensors.map((name, index) => runSensor(createContext(name, 50 + index))),
  ];
  return {
    history,
    userIds: [...writers, ...sensors],
    async stop() {
      stoppedAt = Date.now();
      await Promise.all(running);
    },
  };
}

const pause = ({ random }: ClientContext): Promise<void> =>
  sleep(MIN_PAUSE_MS + random.nextInt(MAX_PAUSE_MS - MIN_PAUSE_MS));

/** Sends a command with an idempotency key until it is confirmed, and then often reads the rule with the token. */
async function sendCommand(
  context: ClientContext,
  kind: AcknowledgedCommand['kind'],
  before: RuleState | undefined,
  input: Readonly<Record<string, unknown>>,
): Promise<RuleState | undefined> {
  const { client, history, name, random, repeat } = context;
  const field = `${kind}Rule`;
  const type = `${kind[0]?.toUpperCase() ?? ''}${kind.slice(1)}RuleInput`;
  const query = `mutation ($input: ${type}!) { ${field}(input: $input) { rule { ${RULE_FIELDS} } } }`;
  const key = `${name} ${history.commands.length} ${random.nextInt(2 ** 31)}`;
  const sentAt = Date.now();
  const answer = await repeat(`${kind} ${key}`, () =>
    client.execute<Record<string, { readonly rule: RuleData }>>(`${name} (${kind})`, query, {
      input: { ...input, clientMutationId: key },
    }),
  );
  const data = answer?.data[field]?.rule;
  if (!answer || !data) return undefined;
  const rule = parseRule(data);
  history.commands.push({
    kind,
    key,
    versionBefore: before?.version ?? 0,
    sentAt,
    acknowledgedAt: Date.now(),
    attempts: answer.attempts,
    rule,
  });
  if (random.nextInt(100) < READ_SHARE_PERCENT) await readRule(context, rule, answer.consistencyToken);
  return rule;
}

async function readRule(
  { client, history, name }: ClientContext,
  rule: RuleState,
  token: string | undefined,
): Promise<void> {
  const answer = await client.execute<{ readonly rule: { readonly version: number } | null }>(
    `${name} (read)`,
    'query ($id: ID!) { rule(id: $id) { version } }',
    { id: rule.id },
    token,
  );
  if (!answer) return;
  history.reads.push({
    ruleId: rule.id,
    at: Date.now(),
    knownVersion: rule.version,
    knownDeleted: rule.deletedAt !== null,
    isStale: answer.staleness !== undefined,
    version: answer.data.rule?.version ?? null,
  });
}

/** Creates, changes and deletes rules. */
async function runWriter(context: ClientContext): Promise<void> {
  const { name, random, isStopped } = context;
  const rules: RuleState[] = [];
  for (let count = 1; !isStopped(); count += 1) {
    const index = random.nextInt(rules.length + 1);
    const before = rules[index];
    if (!before && rules.length < MAX_RULES_PER_WRITER) {
      const input = { userId: name, name: `Rule ${count}`, opening: `Door ${count}`, maxOpenSeconds: 60 };
      const rule = await sendCommand(context, 'create', undefined, input);
      if (rule) rules.push(rule);
    } else if (before && random.nextInt(5) === 0) {
      if (await sendCommand(context, 'delete', before, { id: before.id })) rules.splice(index, 1);
    } else if (before) {
      const rule = await sendCommand(context, 'update', before, {
        id: before.id,
        expectedVersion: before.version,
        maxOpenSeconds: (before.maxOpenSeconds ?? 0) + 1,
      });
      if (rule) rules[index] = rule;
    }
    await pause(context);
  }
}

/** Opens and closes openings that rules watch, and changes these rules. */
async function runSensor(context: ClientContext): Promise<void> {
  const { name, random, isStopped } = context;
  const openings = Array.from({ length: OPENINGS_PER_SENSOR }, (_, index) => `Window ${index + 1}`);
  const rules: RuleState[] = [];
  for (const opening of openings) {
    const common = { userId: name, opening };
    for (const input of [
      { ...common, name: 'Timer', maxOpenSeconds: 1 },
      { ...common, name: 'Never', opensAt: '00:00', closesAt: '00:00', days: [] },
    ]) {
      const rule = await sendCommand(context, 'create', undefined, input);
      if (rule) rules.push(rule);
    }
  }
  const timers = rules.filter(({ isNeverAllowed }) => !isNeverAllowed);
  let count = 0;
  const sendReadings = (readings: readonly Omit<AcknowledgedReading, 'userId' | 'acknowledgedAt' | 'id'>[]) =>
    recordReadings(
      context,
      readings.map((reading) => ({ ...reading, id: `${name} ${++count}` })),
    );
  while (!isStopped()) {
    const now = Date.now();
    const readings = Array.from({ length: 1 + random.nextInt(3) }, () => ({
      opening: openings[random.nextInt(openings.length)] ?? '',
      state: random.nextInt(2) === 0 ? ('OPEN' as const) : ('CLOSED' as const),
      at: now - (random.nextInt(3) === 0 ? random.nextInt(MAX_LATENESS_MS) : 0),
    }));
    await sendReadings(readings);
    const index = random.nextInt(8 * timers.length);
    const timer = timers[index];
    if (timer) {
      const changes = timer.enabled && random.nextInt(3) === 0 ? { enabled: false } : { enabled: true };
      const input = {
        id: timer.id,
        ...changes,
        // The next of 1, 2 and 3, so that each command changes something.
        maxOpenSeconds: ((timer.maxOpenSeconds ?? 0) % 3) + 1,
      };
      const rule = await sendCommand(context, 'update', timer, input);
      if (rule) timers[index] = rule;
    }
    await pause(context);
  }
  await sendReadings(openings.map((opening) => ({ opening, state: 'CLOSED' as const, at: Date.now() })));
}

interface RecordReadingsData {
  readonly recordReadings: {
    readonly accepted: number;
    readonly duplicates: number;
    readonly refused: readonly { readonly code: string }[];
  };
}

async function recordReadings(
  { client, history, name, repeat }: ClientContext,
  readings: readonly Omit<AcknowledgedReading, 'userId' | 'acknowledgedAt'>[],
): Promise<void> {
  const what = `readings ${readings[0]?.id ?? ''} to ${readings.at(-1)?.id ?? ''}`;
  const answer = await repeat(what, () =>
    client.execute<RecordReadingsData>(
      `${name} (readings)`,
      'mutation ($input: RecordReadingsInput!) { recordReadings(input: $input) { accepted duplicates refused { code } } }',
      {
        input: {
          userId: name,
          readings: readings.map((reading) => ({ ...reading, at: new Date(reading.at).toISOString() })),
        },
      },
    ),
  );
  if (!answer) return;
  const { accepted, duplicates, refused } = answer.data.recordReadings;
  const isExpected = answer.attempts > 1 ? accepted + duplicates : accepted;
  if (refused.length > 0 || isExpected !== readings.length)
    history.unacknowledged.push(`${what}: ${JSON.stringify(answer.data.recordReadings)}`);
  const acknowledgedAt = Date.now();
  for (const reading of readings) history.readings.push({ ...reading, userId: name, acknowledgedAt });
}
