import { hostname } from 'node:os';
import { z } from 'zod';
import { StartError } from './errors.js';
import { identitySettings } from './identity/identity-settings.js';

const wholeNumber = (min: number, max: number, unit: string) => {
  const message = `must be a whole number from ${min} to ${max}${unit && ` ${unit}`}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
};

/** @param fallback the default, as it would stand in the environment */
export const portSetting = (fallback: number) => wholeNumber(1, 65_535, '').default(fallback);

/** A time in whole milliseconds. */
export const millisecondsSetting = (fallback: number, min: number, max: number) =>
  wholeNumber(min, max, 'ms').default(fallback);

export const countSetting = (fallback: number, min: number, max: number) =>
  wholeNumber(min, max, '').default(fallback);

/** What every process of the installation is told alike. */
export const commonSettings = {
  /** The address to listen on. Anything but loopback opens the installation to the network. */
  HOST: z.string().default('127.0.0.1'),
  /** Where the databases lie. */
  DATA_DIR: z.string().default('./data'),
  REDIS_URL: z
    .string()
    .regex(/^(rediss?|unix):\/\/\S+$/, 'must be a URL like redis://127.0.0.1:6379')
    .default('redis://127.0.0.1:6379'),
  /** Every process beats this often, and is judged by it. */
  HEARTBEAT_INTERVAL_MS: millisecondsSetting(2_000, 50, 3_600_000),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** `production` turns off introspection, the landing page and Sandbox's origins. */
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  /** What tells this process from others of its service. @default `<hostname>:<port>`, the same again after a restart */
  INSTANCE_ID: z.string().max(200).optional(),
  ...identitySettings,
};

export type CommonSettings = z.infer<z.ZodObject<typeof commonSettings>>;
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings that a process knows from its environment, whole. An empty variable counts as absent.
 * @throws StartError that names every fault at once
 */
export function readSettings<S extends z.ZodRawShape>(shape: S, env: Environment): z.infer<z.ZodObject<S>> {
  const present = Object.fromEntries(
    Object.entries(env).filter(
      ([name, value]) => name in shape && value !== undefined && value.trim() !== '',
    ),
  );
  const parsed = z.object(shape).safeParse(present);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return `${name} ${issue.message} (it is "${present[name] ?? ''}")`;
  });
  throw new StartError(`These settings cannot be used: ${faults.join('; ')}.`);
}

export const resolveInstanceId = (settings: { INSTANCE_ID?: string | undefined }, ownPort: number): string =>
  settings.INSTANCE_ID ?? `${hostname()}:${ownPort}`;

/** Host and port under which a service of this machine that listens on `host` is reached from it, as in a URL. */
export function localHostAndPort(host: string, ownPort: number): string {
  const reachable =
    new Map([
      ['0.0.0.0', '127.0.0.1'],
      ['::', '::1'],
    ]).get(host) ?? host;
  return `${reachable.includes(':') ? `[${reachable}]` : reachable}:${ownPort}`;
}
