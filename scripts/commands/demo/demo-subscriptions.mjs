import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { ALARM_FRAGMENT } from '../../graphql/rules-and-alarms.mjs';
import { UserFacingError } from '../../shared/errors.mjs';

const RECONNECT_DELAY_MS = 500;

/**
 * Creates a graphql-ws client that reconnects after a lost connection.
 *
 * @param {URL} httpUrl of the GraphQL endpoint
 * @param {import('../../shared/identity.mjs').Authorize} authorize
 */
export function createWebSocketClient(httpUrl, authorize) {
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

const ALARM_CHANGES = `subscription ($userId: ID!) { alarmChanged(userId: $userId) { kind alarm { ...AlarmFields } } }
${ALARM_FRAGMENT}`;

/** @typedef {{ kind: string, alarm: import('../../graphql/rules-and-alarms.mjs').Alarm }} AlarmChange */

/**
 * Subscribes to the alarms of a user.
 *
 * @param {import('graphql-ws').Client} client
 * @param {string} userId
 * @param {(change: AlarmChange) => void} onChange
 */
export function subscribeToAlarms(client, userId, onChange) {
  /** @type {AlarmChange[]} */
  const changes = [];
  const { unsubscribe, waitUntil } = subscribe(
    client,
    { query: ALARM_CHANGES, variables: { userId } },
    (/** @type {{ alarmChanged: AlarmChange }} */ { alarmChanged }) => {
      changes.push(alarmChanged);
      onChange(alarmChanged);
    },
  );
  return {
    unsubscribe,
    changes,
    /** Resolves when this number of changes of a kind has been received. @param {string} kind @param {number} count */
    waitForChanges: (kind, count) =>
      waitUntil(() => changes.filter((change) => change.kind === kind).length >= count),
  };
}

/** @typedef {{ name: string, status: string, reason: string }} ServiceHealth */

/**
 * Subscribes to live health.
 *
 * @param {import('graphql-ws').Client} client
 * @param {(health: ServiceHealth) => void} onHealth
 */
export function subscribeToHealth(client, onHealth) {
  /** @type {Map<string, string>} */
  const statuses = new Map();
  const { waitUntil } = subscribe(
    client,
    { query: 'subscription { heartbeat { name status reason } }' },
    (/** @type {{ heartbeat: ServiceHealth }} */ { heartbeat }) => {
      statuses.set(heartbeat.name, heartbeat.status);
      onHealth(heartbeat);
    },
  );
  return {
    /** Resolves when all services have this status. @param {readonly string[]} names @param {string} status */
    waitForStatus: (names, status) => waitUntil(() => names.every((name) => statuses.get(name) === status)),
  };
}

/**
 * @template Data
 * @param {import('graphql-ws').Client} client
 * @param {import('graphql-ws').SubscribePayload} operation
 * @param {(data: Data) => void} onData
 * @returns {{ unsubscribe: () => void, waitUntil: (condition: () => boolean) => Promise<void> }} `waitUntil` checks the
 *   condition now and after each payload, and rejects when the subscription ends
 */
function subscribe(client, operation, onData) {
  /** @type {Set<() => void>} */
  const pendingChecks = new Set();
  /** @type {(error: UserFacingError) => void} */
  let fail;
  const failed = new Promise((/** @type {(value: never) => void} */ _resolve, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);

  /** @type {import('graphql-ws').Sink<import('graphql-ws').FormattedExecutionResult<Data>>} */
  const sink = {
    next({ data, errors }) {
      if (errors) fail(new UserFacingError(`The subscription received errors: ${JSON.stringify(errors)}.`));
      if (!data) return;
      onData(data);
      for (const check of pendingChecks) check();
    },
    error: (error) => fail(new UserFacingError(`The subscription failed: ${JSON.stringify(error)}.`)),
    complete: () => fail(new UserFacingError('The subscription ended before the demo.')),
  };
  const unsubscribe = client.subscribe(operation, sink);

  return {
    unsubscribe,
    waitUntil(condition) {
      const reached = new Promise((/** @type {(nothing: void) => void} */ resolve) => {
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
