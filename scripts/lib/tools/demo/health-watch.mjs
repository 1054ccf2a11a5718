import { Failure } from '../../failure.mjs';

const SUBSCRIPTION = 'subscription { heartbeat { name status reason } }';

/** @typedef {{ name: string, status: string, reason: string }} Health */

/**
 * Subscribes to live health.
 *
 * @param {import('graphql-ws').Client} client
 * @param {(health: Health) => void} onHealth told everything that comes
 */
export function watchHealth(client, onHealth) {
  /** @type {Map<string, string>} */
  const statuses = new Map();
  /** @type {Set<() => void>} */
  const checks = new Set();
  /** @type {(failure: Failure) => void} */
  let fail;
  const failed = new Promise((/** @type {(value: never) => void} */ _resolve, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);

  /** @type {import('graphql-ws').Sink<import('graphql-ws').FormattedExecutionResult<{ heartbeat: Health }>>} */
  const sink = {
    next({ data }) {
      if (!data) return;
      statuses.set(data.heartbeat.name, data.heartbeat.status);
      onHealth(data.heartbeat);
      for (const check of checks) check();
    },
    error: (error) => fail(new Failure(`The subscription ended: ${JSON.stringify(error)}.`)),
    complete: () => fail(new Failure('The subscription ended.')),
  };
  client.subscribe({ query: SUBSCRIPTION }, sink);

  return {
    /**
     * Resolves when every one of these services has this status, now or later.
     *
     * @param {readonly string[]} names
     * @param {string} status
     * @returns {Promise<void>} rejects where the subscription ends
     */
    until(names, status) {
      const reached = new Promise((/** @type {(nothing: void) => void} */ resolve) => {
        const check = () => {
          if (!names.every((name) => statuses.get(name) === status)) return;
          checks.delete(check);
          resolve();
        };
        checks.add(check);
        check();
      });
      return Promise.race([reached, failed]);
    },
  };
}
