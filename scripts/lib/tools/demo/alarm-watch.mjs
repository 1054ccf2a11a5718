import { watch } from './watch.mjs';

const query = `subscription ($userId: ID!) {
  alarmChanged(userId: $userId) { kind alarm { id opening kind severity raisedAt reason rule { name } } }
}`;

/**
 * @typedef {{ id: string, opening: string, kind: string, severity: string, raisedAt: string, reason: string, rule: { name: string } }} Alarm
 * @typedef {{ kind: string, alarm: Alarm }} Change
 */

/**
 * Subscribes to the changes of a user's alarms.
 *
 * @param {import('graphql-ws').Client} client
 * @param {string} userId
 * @param {(change: Change) => void} onChange told everything that comes
 */
export function watchAlarms(client, userId, onChange) {
  /** @type {Change[]} */
  const changes = [];
  const { end, until } = watch(
    client,
    { query, variables: { userId } },
    (/** @type {{ alarmChanged: Change }} */ { alarmChanged }) => {
      changes.push(alarmChanged);
      onChange(alarmChanged);
    },
  );
  return {
    end,
    changes,
    /** Resolves when so many changes of a kind have come, in all. @param {string} kind @param {number} count */
    until: (kind, count) => until(() => changes.filter((change) => change.kind === kind).length >= count),
  };
}
