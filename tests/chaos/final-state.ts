import { setTimeout as sleep } from 'node:timers/promises';
import type { HealthStatus } from '@seguridad-abc/contracts';
import { SERVICES } from '../harness/test-platform.js';
import {
  ALARM_FIELDS,
  parseAlarm,
  parseRule,
  RULE_FIELDS,
  type AlarmData,
  type NotingClient,
  type RuleData,
} from './graphql-requests.js';
import {
  STORED_HISTORY,
  type AlarmState,
  type HealthObservation,
  type RuleState,
  type StoredReading,
} from './history.js';
import type { ChaosInstallation } from './installation.js';

const CLIENT = 'checker';
const PAGE_SIZE = 200;
const READ_ATTEMPTS = 5;
const RETRY_DELAY_MS = 1_000;
const MAX_TRANSITIONS = 200;

/** Reads all pages of a list of one user. */
async function readAll<Node>(
  client: NotingClient,
  list: 'rules' | 'alarms',
  fields: string,
  userId: string,
): Promise<Node[]> {
  const type = list === 'rules' ? 'RuleFilter' : 'AlarmFilter';
  const query = `query ($filter: ${type}, $after: String) {
    ${list}(filter: $filter, first: ${PAGE_SIZE}, after: $after) {
      nodes { ${fields} } pageInfo { hasNextPage endCursor }
    }
  }`;
  const nodes: Node[] = [];
  for (let after: string | null = null; ;) {
    const page: Page<Node> | undefined = (
      await repeat(() =>
        client.execute<Record<string, Page<Node>>>(CLIENT, query, { filter: { userId }, after }),
      )
    ).data[list];
    nodes.push(...(page?.nodes ?? []));
    if (!page?.pageInfo.hasNextPage) return nodes;
    after = page.pageInfo.endCursor;
  }
}

interface Page<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

async function repeat<Answer>(send: () => Promise<Answer | undefined>): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await send();
    if (answer !== undefined) return answer;
    if (attempt === READ_ATTEMPTS) throw new Error('The final state cannot be read.');
    await sleep(RETRY_DELAY_MS);
  }
}

/** Reads the rules that are not deleted. */
export async function readRules(client: NotingClient, userIds: readonly string[]): Promise<RuleState[]> {
  const lists = await Promise.all(
    userIds.map((userId) => readAll<RuleData>(client, 'rules', RULE_FIELDS, userId)),
  );
  return lists.flat().map(parseRule);
}

export async function readAlarms(client: NotingClient, userIds: readonly string[]): Promise<AlarmState[]> {
  const lists = await Promise.all(
    userIds.map((userId) => readAll<AlarmData>(client, 'alarms', ALARM_FIELDS, userId)),
  );
  return lists.flat().map(parseAlarm);
}

/** Reads what monitoring stores of the readings of users, with `npm run user-data -- export`. */
export async function readStoredReadings(
  installation: ChaosInstallation,
  userIds: readonly string[],
): Promise<StoredReading[]> {
  const readings: StoredReading[] = [];
  for (const userId of userIds) {
    const { code, stdout, stderr } = await installation.run('user-data', 'export', userId);
    if (code !== 0) throw new Error(`The readings of ${userId} cannot be exported: ${stderr}`);
    for (const line of stdout.split('\n').filter(Boolean)) {
      const record = JSON.parse(line) as ExportedRecord;
      if (record.kind !== 'reading') continue;
      const { opening, id, state, at } = record;
      readings.push({ userId, opening, id, state, at: Date.parse(at) });
    }
  }
  return readings;
}

/** A line of the export. Only readings have all fields. */
interface ExportedRecord {
  readonly kind: string;
  readonly opening: string;
  readonly id: string;
  readonly state: 'OPEN' | 'CLOSED';
  readonly at: string;
}

/** Reads the status of each service. Failures are not noted: the nemesis asks while faults run. */
export async function readStatuses({
  origin,
  authorization,
}: ChaosInstallation): Promise<Record<string, string>> {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ query: '{ services { name status } }' }),
    signal: AbortSignal.timeout(3_000),
  });
  const { data } = (await response.json()) as {
    data?: { services?: readonly { name: string; status: string }[] };
  };
  return Object.fromEntries((data?.services ?? []).map(({ name, status }) => [name, status]));
}

/** Reads the stored history of each service. */
export async function readTransitions(client: NotingClient, since: number): Promise<HealthObservation[]> {
  const { data } = await repeat(() =>
    client.execute<{
      readonly services: readonly {
        readonly name: string;
        readonly transitions: readonly {
          readonly to: HealthStatus;
          readonly at: string;
          readonly reason: string;
        }[];
      }[];
    }>(CLIENT, `{ services { name transitions(first: ${MAX_TRANSITIONS}) { to at reason } } }`),
  );
  return data.services
    .filter(({ name }) => SERVICES.some((service) => service === name))
    .flatMap(({ name, transitions }) =>
      transitions.map(({ to, at, reason }) => ({
        observer: STORED_HISTORY,
        service: name,
        status: to,
        reason,
        at: Date.parse(at),
      })),
    )
    .filter(({ at }) => at >= since);
}
