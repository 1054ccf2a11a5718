import { watch } from './watch.mjs';

const query = 'subscription { heartbeat { name status reason } }';

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
  const { until } = watch(client, { query }, (/** @type {{ heartbeat: Health }} */ { heartbeat }) => {
    statuses.set(heartbeat.name, heartbeat.status);
    onHealth(heartbeat);
  });
  return {
    /** Resolves when every one of these services has this status. @param {readonly string[]} names @param {string} status */
    until: (names, status) => until(() => names.every((name) => statuses.get(name) === status)),
  };
}
