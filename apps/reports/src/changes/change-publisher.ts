import { ALARM_CHANGES_CHANNEL, RULE_CHANGES_CHANNEL, type AlarmChange } from '@seguridad-abc/contracts';
import type { RedisPubSubClient } from '@seguridad-abc/platform';
import type { RuleAndAlarmChangesToPublish } from '../domain/projection.js';

/** Creates a function that publishes changes of rules and alarms to subscribers, once queries can read them. */
export function createChangePublisher(
  pubsub: Pick<RedisPubSubClient, 'publish'>,
): (changes: RuleAndAlarmChangesToPublish) => Promise<void> {
  const linkAlarmChanges = createPreviousPositionAdder();
  return async ({ rules, alarms }) => {
    await Promise.all([
      ...rules.map((change) => pubsub.publish(RULE_CHANGES_CHANNEL, change)),
      ...linkAlarmChanges(alarms).map((change) => pubsub.publish(ALARM_CHANGES_CHANNEL, change)),
    ]);
  };
}

/**
 * Creates a function that adds to each change the position of the change published before it (`since`). A subscriber
 * thus notices a lost message. The first change of a process has no `since`, because its predecessor is not known.
 */
export function createPreviousPositionAdder(): (changes: readonly AlarmChange[]) => readonly AlarmChange[] {
  let last: number | undefined;
  return (changes) =>
    changes.map((change) => {
      const since = last;
      last = Math.max(change.position, since ?? 0);
      // The change of an entry that was set aside comes late and follows no other.
      return since === undefined || since >= change.position ? change : { ...change, since };
    });
}
