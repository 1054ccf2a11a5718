import { readFileSync } from 'node:fs';
import { errorMessage, StartError } from '@seguridad-abc/platform';
import { z } from 'zod';

/** Which Redis channel brings the events of a subscription field, and what they carry. */
const channel = z.strictObject({
  /** With `{argument}`, or `{argument.field}` of an input, where the channel depends on what is asked for. */
  channel: z.string().min(1),
  /** What every event carries; see SubscriptionSource. */
  snapshot: z.string().optional(),
  /** For a stream of a state: the field of the event that tells which part of the state it is about. */
  stateKey: z.string().optional(),
});
export type Channel = z.infer<typeof channel>;

const FIELD = /^Subscription\.([_A-Za-z]\w*)$/;

/** By name of the subscription field. */
export type Channels = ReadonlyMap<string, Channel>;

/**
 * @param setting JSON, or the path of a file with it: `{ "Subscription.priceChanged": "prices:{sku}" }`; undefined: none
 * @throws StartError
 */
export function readChannels(setting: string | undefined): Channels {
  if (setting === undefined) return new Map();
  try {
    const text = setting.trimStart().startsWith('{') ? setting : readFileSync(setting, 'utf8');
    return new Map(Object.entries(JSON.parse(text) as object).map(readChannel));
  } catch (error) {
    throw new StartError(`SUBSCRIPTION_CHANNELS cannot be used: ${errorMessage(error)}.`);
  }
}

function readChannel([name, given]: [string, unknown]): [string, Channel] {
  const [, field] = FIELD.exec(name) ?? [];
  if (field === undefined)
    throw new Error(`"${name}" is no field: they are named like Subscription.priceChanged`);
  const { success, data, error } = channel.safeParse(typeof given === 'string' ? { channel: given } : given);
  if (success) return [field, data];
  throw new Error(
    `${name}: ${error.issues.map(({ path, message }) => [...path, message].join(' ')).join('; ')}`,
  );
}
