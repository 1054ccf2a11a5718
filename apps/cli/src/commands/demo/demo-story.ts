import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'graphql-ws';
import { formatTable, getStatusStyle, type StyleText } from '../../command-line/terminal.js';
import { formatWindows } from '../../csv/window-list.js';
import {
  AcknowledgeAlarmDocument,
  AlarmCountOfUserDocument,
  type HealthStatus,
  type RuleColumnsFragment,
} from '../../graphql/generated.js';
import { createGraphQLClient, getResponseData, type GraphQLClient } from '../../graphql/graphql-client.js';
import { readRulesOfUser } from '../../graphql/read-rules.js';
import { UserFacingError } from '../../shared/errors.js';
import { SERVICES } from '../../shared/installation-settings.js';
import { PROJECT_FOLDER } from '../../shared/bootstrap.js';
import {
  startTemporaryPlatform,
  type TemporaryPlatform,
} from '../../start/installation/temporary-platform.js';
import { formatImportReport } from '../import/import-report.js';
import { importRules } from '../import/import-rules.js';
import { parseRulesCsv } from '../import/parse-rules-csv.js';
import { parseReadingsCsv } from '../replay/parse-readings-csv.js';
import { createReplayPace, sendReadings } from '../replay/send-readings.js';
import { createWebSocketClient, subscribeToAlarms, subscribeToHealth } from './demo-subscriptions.js';
import { withTimeLimit, type Narrator } from './narrator.js';

/** Half of the default interval, so that a killed service is DOWN sooner. */
const HEARTBEAT_INTERVAL_MS = 1_000;
/** Time limit of each step; slow machines need seconds. */
const STEP_LIMIT_MS = 20_000;
const RETRY_INTERVAL_MS = 20;

const RULES_FILE = join('examples', 'rules.csv');
const RULE_EXAMPLES_FILE = join('docs', 'rule-examples.md');
const OPENINGS_FILE = join('examples', 'openings.csv');
/** Time zone of the times in {@link OPENINGS_FILE}. */
const OPENINGS_ZONE = 'Europe/Madrid';
/** The rules must be effective before the first reading of {@link OPENINGS_FILE}. */
const RULES_EFFECTIVE_FROM = '2025-01-01T00:00:00Z';
const DAY_MS = 86_400_000;
/** A day takes about 9 s. */
const REPLAY_SPEED = 10_000;
const BATCH_SIZE = 100;
const USER_ID = 'ana';
const ALL_SERVICES = SERVICES.map(({ name }) => name);

export interface DemoStoryContext {
  readonly narrator: Narrator;
  readonly style: StyleText;
  readonly signal: AbortSignal;
}

/** Waits for a step, with the time limit of a step. */
type WaitFor = <Result>(step: string, promise: Promise<Result>) => Promise<Result>;

/**
 * Runs the demo on a temporary platform.
 * @param redisProgram path of the Redis server
 * @throws UserFacingError if a step fails or takes too long
 */
export async function runDemoStory(redisProgram: string, context: DemoStoryContext): Promise<void> {
  const { narrator, signal } = context;
  narrator.narrate('Redis and four services start on free ports, with their data in a temporary folder.');
  const settings = { HEARTBEAT_INTERVAL_MS: String(HEARTBEAT_INTERVAL_MS) };
  const platform = await startTemporaryPlatform({ redisProgram, settings, signal });
  const webSocketClient = createWebSocketClient(platform.url, platform.authorize);
  try {
    narrator.narrate(`All are ready: ${platform.url.href}`);
    await runSteps(platform, webSocketClient, context);
  } finally {
    // `dispose` waits for a connection attempt and may reject with its error.
    Promise.resolve(webSocketClient.dispose()).catch(() => undefined);
    await platform.close();
  }
  narrator.narrate('Everything is stopped, and the data is removed.');
}

async function runSteps(
  platform: TemporaryPlatform,
  webSocketClient: Client,
  { narrator, style, signal }: DemoStoryContext,
): Promise<void> {
  const waitFor: WaitFor = (step, promise) => withTimeLimit(step, STEP_LIMIT_MS, promise, signal);
  const client = createGraphQLClient(platform.url, { authorize: platform.authorize });

  narrator.narrate(
    `A client subscribes to heartbeat over WebSocket; services send one every ${HEARTBEAT_INTERVAL_MS / 1_000} s.`,
  );
  const health = subscribeToHealth(webSocketClient, ({ name, status, reason }) =>
    narrator.narrate(`  ${name.padEnd(10)} ${style(getStatusStyle(status), status.padEnd(7))} ${reason}`),
  );
  const waitForStatus = (names: readonly string[], status: HealthStatus) =>
    waitFor(`${names.join(', ')} ${status}`, health.waitForStatus(names, status));
  await waitForStatus(ALL_SERVICES, 'UP');

  const rows = parseRulesCsv(await readFile(join(PROJECT_FOLDER, RULES_FILE)), {
    userId: USER_ID,
    effectiveFrom: RULES_EFFECTIVE_FROM,
  });
  const { imported, interruption } = await importRules(client, rows, { signal });
  narrator.narrate(
    `${RULES_FILE} is imported for the user ${USER_ID}: ${formatImportReport(imported, rows.length)}`,
  );
  if (interruption) throw interruption;
  if (imported.some(({ kind }) => kind !== 'created')) {
    throw new UserFacingError('Not every rule was created: see the report above.');
  }

  const rules = await waitFor('The rules in reports', waitForRules(client, rows.length, signal));
  narrator.narrate(`Reports has the rules:\n${formatRuleTable(rules)}`);
  narrator.narrate(
    `${RULE_EXAMPLES_FILE} shows more: several windows, holidays, exceptions, silent or tampered sensors.`,
  );

  await replayDay(client, webSocketClient, {
    narrate: (text) => narrator.narrate(text),
    waitFor,
    signal,
  });

  await platform.kill('reports');
  narrator.narrate('reports is killed (SIGKILL).');
  await waitForStatus(['reports'], 'LATE');
  await waitForStatus(['reports'], 'DOWN');
  await waitFor('The start of reports', platform.start('reports'));
  narrator.narrate('reports is started again.');
  await waitForStatus(['reports'], 'UP');
  const rulesAfterRestart = await waitFor(
    'The rules in reports after its restart',
    waitForRules(client, rows.length, signal),
  );
  narrator.narrate(`It has the same ${rulesAfterRestart.length} rules as before.`);
}

interface ReplayContext {
  readonly narrate: (text: string) => void;
  readonly waitFor: WaitFor;
  readonly signal: AbortSignal;
}

/**
 * Replays the first day of {@link OPENINGS_FILE}: alarms arrive live, and one is acknowledged.
 * @throws UserFacingError
 */
async function replayDay(
  client: GraphQLClient,
  webSocketClient: Client,
  { narrate, waitFor, signal }: ReplayContext,
): Promise<void> {
  const { readings: all } = parseReadingsCsv(await readFile(join(PROJECT_FOLDER, OPENINGS_FILE)), {
    timeZone: OPENINGS_ZONE,
  });
  const end = Date.parse(all[0]?.at ?? '') + DAY_MS;
  const readings = all.filter(({ at }) => Date.parse(at) < end);
  const alarms = subscribeToAlarms(webSocketClient, USER_ID, ({ kind, alarm }) =>
    narrate(`  ${kind.padEnd(12)} ${alarm.severity.padEnd(8)} ${alarm.rule.name}: ${alarm.reason}`),
  );
  narrate(
    `A day of ${OPENINGS_FILE} is replayed: ${readings.length} readings at ${REPLAY_SPEED} times their speed. Each alarm ` +
      'arrives when it is raised:',
  );
  const { refused, consistencyToken } = await sendReadings(client, readings, {
    userId: USER_ID,
    batchSize: BATCH_SIZE,
    pace: createReplayPace(REPLAY_SPEED),
    signal,
  });
  if (refused.length > 0) {
    throw new UserFacingError(`${refused.length} readings were refused: ${refused[0]?.message ?? ''}`);
  }
  const count = await countAlarms(client, consistencyToken);
  if (count === 0) throw new UserFacingError(`No alarm was raised: check ${OPENINGS_FILE}.`);
  await waitFor(`${count} live alarms`, alarms.waitForChanges('RAISED', count));

  const acknowledgedBy = await acknowledgeAlarm(client, alarms.changes[0]?.alarm.id ?? '');
  await waitFor('The live acknowledgement', alarms.waitForChanges('ACKNOWLEDGED', 1));
  narrate(`${count} alarms were raised; the first is acknowledged by ${acknowledgedBy}.`);
  alarms.unsubscribe();
}

async function countAlarms(client: GraphQLClient, consistencyToken: string | undefined): Promise<number> {
  const response = await client.execute(AlarmCountOfUserDocument, { userId: USER_ID }, consistencyToken);
  return getResponseData(response, 'The alarms cannot be read').alarms?.totalCount ?? 0;
}

/** @returns the id of the caller that acknowledged the alarm */
async function acknowledgeAlarm(client: GraphQLClient, id: string): Promise<string> {
  const response = await client.execute(AcknowledgeAlarmDocument, { id, note: 'It was the cleaner.' });
  const { acknowledgeAlarm: payload } = getResponseData(response, 'The alarm cannot be acknowledged');
  return payload.alarm.acknowledgedBy ?? '';
}

/** Reads the rules of {@link USER_ID} until reports has the expected number. */
async function waitForRules(
  client: GraphQLClient,
  count: number,
  signal: AbortSignal,
): Promise<readonly RuleColumnsFragment[]> {
  for (;;) {
    const rules = await readRulesOfUser(client, USER_ID);
    if (rules.length === count) return rules;
    await sleep(RETRY_INTERVAL_MS, undefined, { signal });
  }
}

const RULE_TABLE_COLUMNS = ['name', 'opening', 'hours', 'timer', 'zone', 'severity'].map((title) => ({
  title,
}));

const formatRuleTable = (rules: readonly RuleColumnsFragment[]) =>
  formatTable(
    RULE_TABLE_COLUMNS,
    rules.map(({ name, opening, windows, maxOpenSeconds, timeZone, severity }) => [
      name,
      opening,
      formatWindows(windows) || '-',
      maxOpenSeconds === null ? '-' : `${maxOpenSeconds} s`,
      timeZone,
      severity,
    ]),
  );
