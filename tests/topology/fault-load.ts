import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkAlarms, groupBy } from '../chaos/alarm-oracle.js';
import { checkReads, checkSubscribers, checkWrites } from '../chaos/check-writes.js';
import { startClients } from '../chaos/clients.js';
import { readAlarms, readRules } from '../chaos/final-state.js';
import {
  createNotingClient,
  parseRule,
  RULE_FIELDS,
  type NotingClient,
  type RuleData,
} from '../chaos/graphql-requests.js';
import type {
  AcknowledgedCommand,
  AcknowledgedReading,
  ChaosHistory,
  FailedRequest,
  StoredReading,
} from '../chaos/history.js';
import type { ChaosSubscribers } from '../chaos/subscribers.js';
import { executeOperation } from '../harness/graphql-clients.js';
import type { RunningTopology } from './running-topology.js';

/**
 * How long the openings of a punctual client are open. Their rules allow 1 s. It is longer than a takeover: the closing reading would
 * raise the alarm otherwise, not the timer.
 */
const OPEN_MS = 7_000;
/** So many that an alarm is due each 0.5 s. */
const PUNCTUAL_OPENINGS = 14;
const MAX_OPEN_SECONDS = 1;
const RETRY_PAUSE_MS = 200;
const QUERY_PAUSE_MS = 100;
const STALL_PROBE_MS = 100;
const SETTLE_TIMEOUT_MS = 30_000;
const SETTLE_INTERVAL_MS = 200;

/** What clients have noticed of a fault, in ms. */
export interface FaultFigures {
  readonly commands: number;
  readonly readings: number;
  readonly alarms: number;
  /** The longest time from the first try of a command or reading until it was confirmed. */
  readonly longestCommandMs: number;
  /** The longest time of a query, with its repetitions. */
  readonly longestQueryMs: number;
  readonly failedCommands: Readonly<Record<string, number>>;
  readonly failedQueries: Readonly<Record<string, number>>;
  /** How late monitoring has raised alarms by timer. */
  readonly raisedLateMs: number;
  /** How late the first subscriber has received them. */
  readonly receivedLateMs: number;
  /** How late a timer of this process was: the machine was too busy for it. */
  readonly stalledMs: number;
}

/** Clients of a topology that work while a fault happens. */
export interface FaultLoad {
  /**
   * Ends the clients, and waits until both instances of reports and the subscribers have everything.
   * @returns what is wrong, and what the clients have noticed
   */
  finish(): Promise<{ readonly violations: readonly string[]; readonly figures: FaultFigures }>;
}

/** Starts clients with users whose ids begin with a prefix. */
export function startFaultLoad(
  topology: RunningTopology,
  subscribers: ChaosSubscribers,
  prefix: string,
): FaultLoad {
  const startedAt = Date.now();
  const failures: FailedRequest[] = [];
  const client = createNotingClient(topology.origin, topology.authorization, (failure) =>
    failures.push(failure),
  );
  const clients = startClients(client, 1, prefix);
  const stop = new AbortController();
  // Each opening waits for it.
  setMaxListeners(0, stop.signal);
  const punctual = startPunctualClient(client, `${prefix}-punctual`, stop.signal);
  const queries = measureQueries(client, `${prefix}-punctual`, stop.signal);
  const stall = measureStall(stop.signal);
  const userIds = [...clients.userIds, `${prefix}-punctual`];

  const createHistory = async (reports: NotingClient) => {
    const { commands, unacknowledged, readings, reads } = clients.history;
    const log = await readLog(topology, prefix);
    const [rules, alarms] = await Promise.all([readRules(reports, userIds), readAlarms(reports, userIds)]);
    const alarmIds = new Set(alarms.map(({ id }) => id));
    const allCommands = [...commands, ...punctual.commands];
    const ruleIds = new Set(allCommands.map(({ rule }) => rule.id));
    const history: ChaosHistory = {
      seed: 1,
      startedAt,
      commands: allCommands,
      unacknowledged,
      readings: [...readings, ...punctual.readings],
      reads,
      // Subscribers also receive what other users do.
      changes: subscribers.changes.filter(({ subject }) =>
        subject.type === 'rule' ? ruleIds.has(subject.rule.id) : alarmIds.has(subject.alarm.id),
      ),
      subscribers: subscribers.list,
      health: [],
      failures,
      periods: [],
      faultProblems: [],
      final: {
        rules,
        alarms,
        readings: log.readings,
        statuses: {},
        verificationProblem: undefined,
        usageBefore: [],
        usageAfter: [],
        at: Date.now(),
      },
    };
    return { history, log };
  };

  const check = async () => {
    const found: string[] = [];
    const histories: Awaited<ReturnType<typeof createHistory>>[] = [];
    for (const instance of [1, 2] as const) {
      const checked = await createHistory(createReportsClient(topology, instance));
      histories.push(checked);
      found.push(
        ...[checkWrites, checkAlarms, checkSubscribers, checkReads].flatMap((checkPart) =>
          checkPart(checked.history).map((message) => `reports-${instance}: ${message}`),
        ),
      );
    }
    const [first] = histories;
    if (first) found.push(...checkPunctualAlarms(first.history, first.log, `${prefix}-punctual`));
    // Another instance of each service works, so none is DOWN.
    found.push(
      ...subscribers.health
        .filter(({ status, at }) => status === 'DOWN' && at >= startedAt)
        .map(({ observer, service, reason }) => `${observer}: ${service} is DOWN (${reason})`),
    );
    return { found, first };
  };

  return {
    async finish() {
      stop.abort();
      await Promise.all([clients.stop(), punctual.ended, queries.ended]);
      const deadline = Date.now() + SETTLE_TIMEOUT_MS;
      let checked = await check();
      while (checked.found.length > 0 && Date.now() < deadline) {
        await sleep(SETTLE_INTERVAL_MS);
        checked = await check();
      }
      const { found, first } = checked;
      if (!first) throw new Error('No instance of reports was read.');
      const lateness = measureLateness(first.history, first.log, `${prefix}-punctual`);
      const isQuery = ({ client: name }: FailedRequest) =>
        name.includes('(read)') || name.includes('(query)');
      const countCodes = (list: readonly FailedRequest[]) =>
        Object.fromEntries(groupBy(list, ({ code }) => code).map(([code, some]) => [code, some.length]));
      return {
        violations: found,
        figures: {
          commands: first.history.commands.length,
          readings: first.history.readings.length,
          alarms: first.history.final.alarms.length,
          longestCommandMs: Math.max(
            0,
            ...punctual.durations,
            ...first.history.commands.map(({ sentAt, acknowledgedAt }) => acknowledgedAt - sentAt),
          ),
          longestQueryMs: Math.max(0, ...queries.durations),
          failedCommands: countCodes(failures.filter((failure) => !isQuery(failure))),
          failedQueries: countCodes(failures.filter(isQuery)),
          ...lateness,
          stalledMs: stall.getLongestMs(),
        },
      };
    },
  };
}

/** A client of one instance of reports. Its requests must not fail. */
const createReportsClient = (
  { getOrigin, authorization, installationHeaders }: RunningTopology,
  instance: 1 | 2,
): NotingClient => ({
  async execute<Data>(_client: string, query: string, variables: Readonly<Record<string, unknown>> = {}) {
    const { data, errors } = await executeOperation<Data>(
      `${getOrigin('reports', instance)}/graphql`,
      query,
      variables,
      { headers: { authorization, ...installationHeaders } },
    );
    if (errors || !data) return undefined;
    return { data, consistencyToken: undefined, staleness: undefined };
  },
});

interface LogContent {
  readonly readings: readonly StoredReading[];
  /** When monitoring has recorded each reading, by user, opening and id. */
  readonly recordedAt: ReadonlyMap<string, number>;
  readonly raised: readonly {
    readonly id: string;
    readonly opening: string;
    readonly userId: string;
    readonly raisedAt: number;
    readonly at: number;
  }[];
}

const formatReading = (userId: string, opening: string, id: string) => `${userId} ${opening} ${id}`;

interface LogRow {
  readonly type: string;
  readonly at: string;
  readonly data: {
    readonly userId?: string;
    readonly opening?: string | { readonly name: string };
    readonly readings?: readonly {
      readonly id: string;
      readonly state: 'OPEN' | 'CLOSED';
      readonly at: string;
    }[];
    readonly alarm?: {
      readonly id: string;
      readonly userId: string;
      readonly opening: string;
      readonly raisedAt: string;
    };
  };
}

/** Reads the readings and alarms of users from the event log of monitoring. */
async function readLog(topology: RunningTopology, prefix: string): Promise<LogContent> {
  const rows = await topology.queryRows<LogRow>(
    `select type, at, data::json as data from events where type in ('ReadingsRecorded', 'AlarmRaised')
       and coalesce(data::json->>'userId', data::json->'alarm'->>'userId') like '${prefix}-%' order by position`,
  );
  const readings: StoredReading[] = [];
  const recordedAt = new Map<string, number>();
  const raised: LogContent['raised'][number][] = [];
  for (const { type, at, data } of rows) {
    if (type === 'AlarmRaised' && data.alarm) {
      const { id, opening, userId, raisedAt } = data.alarm;
      raised.push({ id, opening, userId, raisedAt: Date.parse(raisedAt), at: Date.parse(at) });
    }
    const { userId = '', opening = '' } = data;
    const name = typeof opening === 'string' ? opening : opening.name;
    for (const reading of data.readings ?? []) {
      readings.push({
        userId,
        opening: name,
        id: reading.id,
        state: reading.state,
        at: Date.parse(reading.at),
      });
      recordedAt.set(formatReading(userId, name, reading.id), Date.parse(at));
    }
  }
  return { readings, recordedAt, raised };
}

interface PunctualClient {
  readonly commands: readonly AcknowledgedCommand[];
  readonly readings: readonly AcknowledgedReading[];
  /** How long each reading took until it was confirmed, in ms. */
  readonly durations: readonly number[];
  readonly ended: Promise<unknown>;
}

/** Opens openings for longer than their rules allow, again and again, and sends each reading until it is confirmed. */
function startPunctualClient(client: NotingClient, userId: string, signal: AbortSignal): PunctualClient {
  const commands: AcknowledgedCommand[] = [];
  const readings: AcknowledgedReading[] = [];
  const durations: number[] = [];
  const repeat = async (name: string, query: string, input: object) => {
    const sentAt = Date.now();
    for (let attempts = 1; ; attempts += 1) {
      const answer = await client.execute<{ createRule?: { rule: RuleData } }>(`${userId} (${name})`, query, {
        input,
      });
      if (answer) return { data: answer.data, sentAt, attempts };
      await sleep(RETRY_PAUSE_MS);
    }
  };
  const send = async (opening: string, id: string, state: 'OPEN' | 'CLOSED', at: number) => {
    const input = { userId, readings: [{ opening, id, state, at: new Date(at).toISOString() }] };
    const { sentAt } = await repeat(
      'readings',
      'mutation ($input: RecordReadingsInput!) { recordReadings(input: $input) { accepted duplicates } }',
      input,
    );
    const acknowledgedAt = Date.now();
    durations.push(acknowledgedAt - sentAt);
    readings.push({ userId, opening, id, state, at, acknowledgedAt });
  };
  const sleepUnlessStopped = (ms: number) =>
    sleep(Math.max(0, ms), undefined, { signal }).catch(() => undefined);
  const run = async (index: number) => {
    const opening = `Gate ${index}`;
    const key = `${userId} ${index}`;
    const { data, sentAt, attempts } = await repeat(
      'create',
      `mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { ${RULE_FIELDS} } } }`,
      { userId, opening, name: 'Timer', maxOpenSeconds: MAX_OPEN_SECONDS, clientMutationId: key },
    );
    if (!data.createRule) throw new Error('The response has no rule.');
    const rule = parseRule(data.createRule.rule);
    commands.push({
      kind: 'create',
      key,
      versionBefore: 0,
      sentAt,
      acknowledgedAt: Date.now(),
      attempts,
      rule,
    });
    await sleepUnlessStopped((index * OPEN_MS) / PUNCTUAL_OPENINGS);
    for (let count = 1; !signal.aborted; count += 1) {
      const openedAt = Date.now();
      await send(opening, `${opening} ${count} open`, 'OPEN', openedAt);
      await sleepUnlessStopped(openedAt + OPEN_MS - Date.now());
      await send(opening, `${opening} ${count} closed`, 'CLOSED', Date.now());
    }
  };
  const ended = Promise.all(Array.from({ length: PUNCTUAL_OPENINGS }, (_, index) => run(index)));
  return { commands, readings, durations, ended };
}

/** Asks one query after the other, as a page does that shows the rules of a user. */
function measureQueries(client: NotingClient, userId: string, signal: AbortSignal) {
  const durations: number[] = [];
  const run = async () => {
    while (!signal.aborted) {
      const sentAt = Date.now();
      const query = 'query ($filter: RuleFilter) { rules(filter: $filter, first: 5) { totalCount } }';
      while (!(await client.execute(`${userId} (query)`, query, { filter: { userId } })))
        await sleep(RETRY_PAUSE_MS);
      durations.push(Date.now() - sentAt);
      await sleep(QUERY_PAUSE_MS);
    }
  };
  return { durations, ended: run() };
}

function measureStall(signal: AbortSignal) {
  let longestMs = 0;
  let expectedAt = performance.now() + STALL_PROBE_MS;
  const timer = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - expectedAt);
    expectedAt = performance.now() + STALL_PROBE_MS;
  }, STALL_PROBE_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
  return { getLongestMs: () => Math.round(longestMs) };
}

/** Checks that the log raises each alarm once, and that no subscriber has received one twice. */
function checkPunctualAlarms(
  { changes, final }: ChaosHistory,
  { raised }: LogContent,
  userId: string,
): string[] {
  const messages = groupBy(
    raised.filter((alarm) => alarm.userId === userId),
    ({ id }) => id,
  )
    .filter(([, events]) => events.length > 1)
    .map(([id, events]) => `alarm ${id} was raised ${events.length} times`);
  const ids = new Set(final.alarms.filter((alarm) => alarm.userId === userId).map(({ id }) => id));
  const received = changes.flatMap(({ subscriber, subject }) =>
    subject.type === 'alarm' && ids.has(subject.alarm.id)
      ? [`${subscriber} ${subject.alarm.status} of alarm ${subject.alarm.id}`]
      : [],
  );
  for (const [what, times] of groupBy(received, (text) => text)) {
    if (times.length > 1) messages.push(`received ${times.length} times: ${what}`);
  }
  return messages;
}

/** Measures how late alarms of the punctual client were raised and received, counted from when they were due and known. */
function measureLateness({ readings, changes }: ChaosHistory, log: LogContent, userId: string) {
  const firstReceipts = new Map<string, number>();
  for (const { subject, at } of changes) {
    if (subject.type === 'alarm' && !firstReceipts.has(subject.alarm.id))
      firstReceipts.set(subject.alarm.id, at);
  }
  const latenesses = log.raised
    .filter((alarm) => alarm.userId === userId)
    .map(({ id, opening, raisedAt, at }) => {
      const opened = readings.find(
        (reading) =>
          reading.userId === userId &&
          reading.opening === opening &&
          reading.state === 'OPEN' &&
          reading.at === raisedAt - MAX_OPEN_SECONDS * 1_000,
      );
      const recordedAt = log.recordedAt.get(formatReading(userId, opening, opened?.id ?? '')) ?? raisedAt;
      const dueAt = Math.max(raisedAt, recordedAt);
      return { raised: at - dueAt, received: (firstReceipts.get(id) ?? Infinity) - dueAt };
    });
  return {
    raisedLateMs: Math.max(0, ...latenesses.map(({ raised }) => raised)),
    receivedLateMs: Math.max(0, ...latenesses.map(({ received }) => received)),
  };
}
