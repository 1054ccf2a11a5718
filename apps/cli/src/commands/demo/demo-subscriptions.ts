import { setTimeout as sleep } from 'node:timers/promises';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { createClient, type Client, type SubscribePayload } from 'graphql-ws';
import { WebSocket } from 'ws';
import {
  LiveAlarmsDocument,
  LiveHealthDocument,
  type HealthStatus,
  type LiveAlarmsSubscription,
  type LiveHealthSubscription,
} from '../../graphql/generated.js';
import { getDocumentId, getDocumentText, isDocumentRefused } from '../../graphql/graphql-client.js';
import { UserFacingError } from '../../shared/errors.js';
import type { Authorize } from '../../shared/identity.js';

const RECONNECT_DELAY_MS = 500;

/**
 * Creates a graphql-ws client that reconnects after a lost connection.
 * @param httpUrl of the GraphQL endpoint
 */
export function createWebSocketClient(httpUrl: URL, authorize: Authorize): Client {
  const url = new URL(httpUrl);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return createClient({
    url: url.href,
    webSocketImpl: WebSocket,
    connectionParams: authorize,
    retryAttempts: Infinity,
    // By default, graphql-ws waits longer after each failure.
    retryWait: () => sleep(RECONNECT_DELAY_MS),
  });
}

export type AlarmChange = LiveAlarmsSubscription['alarmChanged'];

export interface AlarmSubscription {
  readonly changes: readonly AlarmChange[];
  unsubscribe(): void;
  /** Resolves when this number of changes of a kind has been received. */
  waitForChanges(kind: AlarmChange['kind'], count: number): Promise<void>;
}

/** Subscribes to the alarms of a user. */
export function subscribeToAlarms(
  client: Client,
  userId: string,
  onChange: (change: AlarmChange) => void,
): AlarmSubscription {
  const changes: AlarmChange[] = [];
  const { unsubscribe, waitUntil } = subscribe(client, LiveAlarmsDocument, { userId }, ({ alarmChanged }) => {
    changes.push(alarmChanged);
    onChange(alarmChanged);
  });
  return {
    unsubscribe,
    changes,
    waitForChanges: (kind, count) =>
      waitUntil(() => changes.filter((change) => change.kind === kind).length >= count),
  };
}

export interface HealthSubscription {
  /** Resolves when all services have this status. */
  waitForStatus(names: readonly string[], status: HealthStatus): Promise<void>;
}

/** Subscribes to live health. */
export function subscribeToHealth(
  client: Client,
  onHealth: (health: LiveHealthSubscription['heartbeat']) => void,
): HealthSubscription {
  const statuses = new Map<string, HealthStatus>();
  const { waitUntil } = subscribe(client, LiveHealthDocument, {}, ({ heartbeat }) => {
    statuses.set(heartbeat.name, heartbeat.status);
    onHealth(heartbeat);
  });
  return {
    waitForStatus: (names, status) => waitUntil(() => names.every((name) => statuses.get(name) === status)),
  };
}

interface LiveSubscription {
  readonly unsubscribe: () => void;
  /** Checks the condition now and after each payload. Rejects when the subscription ends. */
  readonly waitUntil: (condition: () => boolean) => Promise<void>;
}

function subscribe<Data, Variables extends Record<string, unknown>>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  onData: (data: Data) => void,
): LiveSubscription {
  const pendingChecks = new Set<() => void>();
  const { promise: failed, reject } = createRejection();
  let unsubscribe: () => void = () => undefined;
  const start = (payload: SubscribePayload, onRefused?: () => void) => {
    unsubscribe = client.subscribe<Data>(payload, {
      next({ data, errors }) {
        if (errors) {
          reject(new UserFacingError(`The subscription received errors: ${JSON.stringify(errors)}.`));
        }
        if (!data) return;
        onData(data);
        for (const check of pendingChecks) check();
      },
      error(error) {
        if (onRefused && isDocumentRefused(error)) onRefused();
        else reject(new UserFacingError(`The subscription failed: ${JSON.stringify(error)}.`));
      },
      complete: () => reject(new UserFacingError('The subscription ended before the demo.')),
    });
  };
  start({ query: getDocumentText(document), variables }, () => {
    const byId = { query: '', documentId: getDocumentId(document), variables };
    start(byId);
  });

  return {
    unsubscribe: () => unsubscribe(),
    waitUntil(condition) {
      const reached = new Promise<void>((resolve) => {
        const check = () => {
          if (!condition()) return;
          pendingChecks.delete(check);
          resolve();
        };
        pendingChecks.add(check);
        check();
      });
      return Promise.race([reached, failed]);
    },
  };
}

/** A promise that never resolves. Its rejection may stay unhandled: not every subscription is awaited. */
function createRejection(): { readonly promise: Promise<never>; readonly reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<never>((_resolve, rejectPromise) => {
    reject = rejectPromise;
  });
  promise.catch(() => undefined);
  return { promise, reject };
}
