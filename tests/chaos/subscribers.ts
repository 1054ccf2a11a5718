import { setTimeout as sleep } from 'node:timers/promises';
import type { HealthStatus } from '@seguridad-abc/contracts';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWebSocketClient } from 'graphql-ws';
import WebSocket from 'ws';
import { RETRYABLE_ERROR_CODES } from '../../examples/react/src/subscribe-and-resume.js';
import type { ChaosHistory, FailedRequest, HealthObservation, ReceivedChange } from './history.js';
import type { ChaosInstallation } from './installation.js';

const RETRY_DELAY_MS = 200;
/** A gateway that hangs does not close its connections. */
const PING_INTERVAL_MS = 2_000;
const PONG_TIMEOUT_MS = 3_000;

export interface ChaosSubscribers {
  readonly changes: ReceivedChange[];
  readonly health: HealthObservation[];
  readonly list: ChaosHistory['subscribers'];
  /** Resolves when each subscriber has a cursor, so that it misses nothing from now on. */
  readonly ready: Promise<unknown>;
  close(): Promise<void>;
}

interface Payload {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[];
  readonly extensions?: { readonly cursor?: string };
}
type Iterate = (query: string, variables: Record<string, unknown>) => AsyncIterableIterator<Payload>;

const QUERIES = {
  rule: 'subscription ($after: String) { ruleChanged(after: $after) { rule { id version } } }',
  alarm: 'subscription ($after: String) { alarmChanged(after: $after) { alarm { id status clearedAt } } }',
  health: 'subscription ($after: String) { heartbeat(after: $after) { name status reason } }',
} as const;

/** Starts subscribers of rules, alarms and health over WebSocket and server-sent events. They resume after their cursors. */
export function startSubscribers(
  { origin, authorization }: Pick<ChaosInstallation, 'origin' | 'authorization'>,
  note: (failure: FailedRequest) => void,
): ChaosSubscribers {
  const url = `${origin}/graphql`;
  const changes: ReceivedChange[] = [];
  const health: HealthObservation[] = [];
  const isClosed = new AbortController();
  const iterators = new Set<AsyncIterableIterator<Payload>>();

  const receive = (name: string, data: Record<string, unknown>) => {
    const at = Date.now();
    const { ruleChanged, alarmChanged, heartbeat } = data as {
      ruleChanged?: { rule: { id: string; version: number } };
      alarmChanged?: { alarm: { id: string; status: string; clearedAt: string | null } };
      heartbeat?: { name: string; status: HealthStatus; reason: string };
    };
    if (ruleChanged)
      changes.push({ subscriber: name, at, subject: { type: 'rule', rule: ruleChanged.rule } });
    if (alarmChanged) {
      const { alarm } = alarmChanged;
      const clearedAt = alarm.clearedAt === null ? null : Date.parse(alarm.clearedAt);
      changes.push({ subscriber: name, at, subject: { type: 'alarm', alarm: { ...alarm, clearedAt } } });
    }
    if (heartbeat) {
      const { name: service, status, reason } = heartbeat;
      health.push({ observer: name, service, status, reason, at });
    }
  };
  const subscribe = (name: string, query: string, iterate: Iterate) =>
    new Promise<void>((resolve) => {
      const variables: Record<string, unknown> = { after: '' };
      const noteErrors = (errors: NonNullable<Payload['errors']>, sentAt: number) => {
        for (const { message, extensions } of errors) {
          const code = extensions?.['code'];
          if (code === 'CURSOR_TOO_OLD') variables['after'] = '';
          // Clients of a gateway that stops or of a subgraph that is away subscribe again, as the documentation demands.
          if (RETRYABLE_ERROR_CODES.includes(code) && code !== 'CURSOR_TOO_OLD') continue;
          note({ client: name, sentAt, at: Date.now(), code: String(code), message });
        }
      };
      const run = async () => {
        while (!isClosed.signal.aborted) {
          const sentAt = Date.now();
          const iterator = iterate(query, variables);
          iterators.add(iterator);
          try {
            for await (const { data, errors, extensions } of iterator) {
              if (extensions?.cursor !== undefined) {
                variables['after'] = extensions.cursor;
                resolve();
              }
              if (errors) noteErrors(errors, sentAt);
              if (data) receive(name, data);
            }
          } catch (error) {
            // The errors of a subscription, or the loss of the connection.
            if (Array.isArray(error)) noteErrors(error as NonNullable<Payload['errors']>, sentAt);
          }
          iterators.delete(iterator);
          await sleep(RETRY_DELAY_MS);
        }
      };
      void run();
    });

  const list: ChaosHistory['subscribers'][number][] = [];
  const ready: Promise<void>[] = [];
  const dispose: (() => void)[] = [];
  for (const type of ['rule', 'alarm', 'health'] as const) {
    const socket = createPingingClient(url, authorization);
    const events = createSseClient({ url, headers: { authorization }, retryAttempts: 0 });
    dispose.push(
      () => void socket.dispose(),
      () => events.dispose(),
    );
    for (const [transport, iterate] of [
      ['WebSocket', (query, variables) => socket.iterate({ query, variables }) as ReturnType<Iterate>],
      ['SSE', (query, variables) => events.iterate({ query, variables }) as ReturnType<Iterate>],
    ] as const satisfies readonly (readonly [string, Iterate])[]) {
      const name = `${type} over ${transport}`;
      list.push({ name, type });
      ready.push(subscribe(name, QUERIES[type], iterate));
    }
  }
  return {
    changes,
    health,
    list,
    ready: Promise.all(ready),
    async close() {
      isClosed.abort();
      for (const iterator of iterators) void iterator.return?.();
      for (const end of dispose) end();
      await sleep(RETRY_DELAY_MS);
    },
  };
}

/** A graphql-ws client that closes a connection on which pings are not answered. */
function createPingingClient(url: string, authorization: string) {
  const client = createWebSocketClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    retryAttempts: 0,
    keepAlive: PING_INTERVAL_MS,
  });
  let timer: NodeJS.Timeout | undefined;
  client.on('ping', (isReceived) => {
    if (!isReceived) timer = setTimeout(() => client.terminate(), PONG_TIMEOUT_MS);
  });
  client.on('pong', () => clearTimeout(timer));
  client.on('closed', () => clearTimeout(timer));
  return client;
}
