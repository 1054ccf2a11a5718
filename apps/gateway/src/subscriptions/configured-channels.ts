import { readFileSync } from 'node:fs';
import type { SubscriptionSource, SubscriptionSources } from '@seguridad-abc/executor';
import {
  createBadUserInputError,
  getErrorMessage,
  StartError,
  subscribeToChannel,
  type Logger,
  type RedisPubSubClient,
} from '@seguridad-abc/platform';
import { z } from 'zod';
import { createSubscriberQueue } from './subscriber-queue.js';

/** The Redis channel that provides the events of a subscription field. */
const channelConfigSchema = z.strictObject({
  /** Channel name. `{argument}` and `{argument.field}` are replaced by the values of the field's arguments. */
  channel: z.string().min(1),
  /** The fields that every event carries: see `SubscriptionSource.snapshot`. */
  snapshot: z.string().optional(),
  /** For events that describe a state: the field of the event that identifies the part of the state. */
  stateKey: z.string().optional(),
});
/** The configuration of one subscription field. */
export type ChannelConfig = z.infer<typeof channelConfigSchema>;

/** Channel configurations by name of the subscription field. */
export type ChannelConfigs = ReadonlyMap<string, ChannelConfig>;

const FIELD_COORDINATE_PATTERN = /^Subscription\.([_A-Za-z]\w*)$/;

/**
 * Parses the setting `SUBSCRIPTION_CHANNELS`.
 * @param setting JSON such as `{ "Subscription.priceChanged": "prices:{sku}" }`, or the path of a JSON file. Undefined
 *   configures no channel.
 * @throws StartError if the setting is invalid
 */
export function parseChannelConfigs(setting: string | undefined): ChannelConfigs {
  if (setting === undefined) return new Map();
  try {
    const text = setting.trimStart().startsWith('{') ? setting : readFileSync(setting, 'utf8');
    return new Map(Object.entries(JSON.parse(text) as object).map(parseChannelConfig));
  } catch (error) {
    throw new StartError(`SUBSCRIPTION_CHANNELS is invalid: ${getErrorMessage(error)}.`);
  }
}

function parseChannelConfig([coordinate, value]: [string, unknown]): [string, ChannelConfig] {
  const [, field] = FIELD_COORDINATE_PATTERN.exec(coordinate) ?? [];
  if (field === undefined) {
    throw new Error(`"${coordinate}" is not a subscription field. Write it like Subscription.priceChanged`);
  }
  const config = channelConfigSchema.safeParse(typeof value === 'string' ? { channel: value } : value);
  if (config.success) return [field, config.data];
  const issues = config.error.issues.map(({ path, message }) => [...path, message].join(' '));
  throw new Error(`${coordinate}: ${issues.join('; ')}`);
}

/** Creates a subscription source for each configured field. */
export const createChannelSubscriptionSources = (
  configs: ChannelConfigs,
  pubsub: Pick<RedisPubSubClient, 'subscribe'>,
  logger: Logger,
): SubscriptionSources =>
  Object.fromEntries(
    [...configs].map(([field, config]) => [field, createChannelSource(config, pubsub, logger)]),
  );

/** A message with this key ends the subscriptions. GraphQL names have no `$`, so no value of a field has the key. */
const END_KEY = '$end';

/** Each message of the channel is the field's value as JSON. The message `{"$end": true}` ends the subscriptions. */
function createChannelSource(
  { channel, snapshot, stateKey }: ChannelConfig,
  pubsub: Pick<RedisPubSubClient, 'subscribe'>,
  logger: Logger,
): SubscriptionSource {
  const getStateKey = (value: unknown) =>
    JSON.stringify((value as Record<string, unknown> | null)?.[stateKey ?? '']);
  return {
    dependsOnCaller: false,
    ...(snapshot !== undefined && { snapshot }),
    ...(stateKey !== undefined && { stateKey: getStateKey }),
    subscribe(args, { signal }) {
      const queue = createSubscriberQueue<unknown>(signal, stateKey === undefined ? undefined : getStateKey);
      const listener = (message: unknown) => {
        if (isEndMessage(message)) queue.end();
        else queue.push(message);
      };
      void subscribeToChannel({
        pubsub,
        channel: resolveChannelName(channel, args),
        schema: z.unknown(),
        listener,
        logger,
        signal,
      });
      return queue;
    },
  };
}

const isEndMessage = (message: unknown): boolean =>
  typeof message === 'object' && message !== null && (message as Record<string, unknown>)[END_KEY] === true;

const PLACEHOLDER_PATTERN = /\{([\w.]+)\}/g;

/**
 * Replaces the placeholders of a channel template such as `prices:{sku}` by argument values.
 * @throws ExpectedError BAD_USER_INPUT if a value is missing, or is not a string, number or boolean
 */
export const resolveChannelName = (template: string, args: Readonly<Record<string, unknown>>): string =>
  template.replace(PLACEHOLDER_PATTERN, (_, argumentPath: string) => {
    const path = argumentPath.split('.');
    const value = path.reduce<unknown>(
      (parent, name) =>
        typeof parent === 'object' && parent !== null ? (parent as Record<string, unknown>)[name] : undefined,
      args,
    );
    if (['string', 'number', 'boolean'].includes(typeof value)) return String(value);
    const message = `${argumentPath} must be given: it selects the events of this subscription.`;
    throw createBadUserInputError([{ path, code: 'REQUIRED', message }]);
  });
