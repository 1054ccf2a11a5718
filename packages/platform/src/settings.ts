import { hostname } from 'node:os';
import { z } from 'zod';
import { StartError } from './errors.js';
import { normalizeHost } from './host-names.js';
import { findRedisSettingConflicts, redisSettings, type RedisSettings } from './redis-settings.js';

const wholeNumber = (min: number, max: number, unit: string) => {
  const message = `must be a whole number from ${min} to ${max}${unit && ` ${unit}`}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
};

/** A TCP port, from 1 to 65535. */
export const createPortSetting = (defaultPort: number) => wholeNumber(1, 65_535, '').default(defaultPort);

/** A duration in whole milliseconds, from `min` to `max`. */
export const createMillisecondsSetting = (defaultMs: number, min: number, max: number) =>
  wholeNumber(min, max, 'ms').default(defaultMs);

/** A whole number from `min` to `max`. */
export const createCountSetting = (defaultCount: number, min: number, max: number) =>
  wholeNumber(min, max, '').default(defaultCount);

/** An instant in RFC 3339, such as 2001-01-01T00:00:00Z. Its value is in UTC with milliseconds. */
export const createInstantSetting = (defaultInstant: string) =>
  z.iso
    .datetime({ offset: true, error: 'must be an instant like 2001-01-01T00:00:00Z' })
    .default(defaultInstant)
    .transform((text) => new Date(text).toISOString());

/** `true` or `false`; false by default. */
export const booleanSetting = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');

/** A host with a port, and not an IPv6 address. */
const HOST_WITH_PORT = /^([^:]+|\[.*\]):\d+$/;

/** Host names or addresses without ports, separated by commas. Empty by default. */
export const hostListSetting = z
  .string()
  .transform((hosts, context) =>
    hosts.split(',').map((entry) => {
      const text = entry.trim();
      const [, host] = HOST_WITH_PORT.exec(text) ?? [];
      const message =
        host === undefined
          ? `must be host names or addresses with commas between: "${text}" is neither`
          : `must have no ports: write "${host}" instead of "${text}"`;
      const normalized = normalizeHost(text);
      if (normalized === undefined) context.addIssue({ code: 'custom', message });
      return normalized ?? z.NEVER;
    }),
  )
  .default([]);

/** The base URLs of all instances of a service, separated by commas; one URL of a balancer before them is enough. */
export const createServiceUrlsSetting = (example: string) =>
  z.string().transform((text, context): readonly string[] =>
    text.split(',').map((entry) => {
      const url = entry.trim();
      if (/^https?:\/\/\S+$/.test(url) && URL.canParse(url)) return url;
      context.addIssue({
        code: 'custom',
        message: `must be a URL like ${example}, or several with commas between`,
      });
      return z.NEVER;
    }),
  );

/** Settings that every process of the installation reads. */
export const commonSettings = {
  /** Address to listen on. Any address but loopback opens the installation to the network. */
  HOST: z.string().default('127.0.0.1'),
  /**
   * Hosts for which a process answers besides loopback and `HOST`, separated by commas. Without them, a process that
   * listens on loopback answers for loopback only, and any other process for all hosts.
   */
  ALLOWED_HOSTS: hostListSetting,
  /**
   * Origin at which browsers reach the gateway through a proxy, such as https://doors.example.com. With https, the gateway
   * sends Strict-Transport-Security.
   * @default the gateway is reached directly, by `http` and the host of each request
   */
  PUBLIC_ORIGIN: z
    .string()
    .refine(
      (text) => /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text,
      'must be an origin like https://doors.example.com, without a path',
    )
    .optional(),
  /** Folder of the databases, the issuer key and the installation secret. */
  DATA_DIR: z.string().default('./data'),
  ...redisSettings,
  /** Time between two heartbeats of a process. The monitor derives the status of the process from it. */
  HEARTBEAT_INTERVAL_MS: createMillisecondsSetting(2_000, 50, 3_600_000),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** `production` turns off introspection, GraphiQL, the landing page and the origins of Apollo Sandbox. */
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  /** Distinguishes this process from others of its service. @default `<hostname>:<port>`, stable over restarts */
  INSTANCE_ID: z.string().max(200).optional(),

  /** `off` makes every caller an operator. Allowed only if `HOST` is a loopback address. */
  AUTH: z.enum(['required', 'off']).default('required'),
  /**
   * URL of the OIDC issuer's JSON Web Key Set. Set it together with AUTH_ISSUER and AUTH_AUDIENCE, or set none of them.
   * @default this installation issues tokens itself, with a key in `DATA_DIR`
   */
  AUTH_JWKS_URL: z
    .string()
    .regex(/^https?:\/\/\S+$/, 'must be a URL like https://id.example.com/.well-known/jwks.json')
    .optional(),
  /** The claim `iss` that tokens must have. */
  AUTH_ISSUER: z.string().optional(),
  /** The claim `aud` that tokens must have. */
  AUTH_AUDIENCE: z.string().optional(),
  /** The claim that holds the role: `customer`, `operator` or `device`. */
  AUTH_ROLE_CLAIM: z.string().default('role'),
  /** Claim that contains the tier of the caller, see the gateway's RATE_LIMIT_TIERS. */
  AUTH_TIER_CLAIM: z.string().default('tier'),
  /** Claim that contains the scopes of the caller, for `@requiresScopes`: a text with spaces between, or a list. */
  AUTH_SCOPE_CLAIM: z.string().default('scope'),
  /** Claim that contains the policies that the caller satisfies, for `@policy`: a text with spaces between, or a list. */
  AUTH_POLICY_CLAIM: z.string().default('policies'),
  /** Shared by the processes of this installation. @default generated at the first start, in `DATA_DIR` */
  INSTALLATION_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  /** Token with which a Prometheus server may read `/metrics`. @default only processes of this installation may read it */
  METRICS_TOKEN: z.string().min(32, 'must have at least 32 characters').optional(),
  /**
   * URL of an OpenTelemetry collector, to which traces are exported as OTLP over HTTP. @default tracing is off
   * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
   */
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .regex(/^https?:\/\/\S+$/, 'must be a URL like http://127.0.0.1:4318')
    .optional(),
  /** `true` keeps tracing off. */
  OTEL_SDK_DISABLED: booleanSetting,
  OTEL_EXPORTER_OTLP_PROTOCOL: z.enum(['http/protobuf', 'http/json']).default('http/protobuf'),
  /** Headers of the exports, such as `authorization=Bearer%20...`, with commas between. The OpenTelemetry SDK reads them. */
  OTEL_EXPORTER_OTLP_HEADERS: z.string().optional(),
  /** Which traces are recorded. The OpenTelemetry SDK reads it, and its argument. */
  OTEL_TRACES_SAMPLER: z
    .enum([
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ])
    .default('parentbased_always_on'),
  /** The part of the traces that `traceidratio` records: from 0 to 1. */
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'must be a number from 0 to 1')
    .optional(),
  /** Further attributes of all spans, such as `deployment.environment.name=test`, with commas between. */
  OTEL_RESOURCE_ATTRIBUTES: z.string().optional(),
  /** Makes `services`, `service`, `heartbeat`, the badges and `/status.json` public: no token is needed. */
  PUBLIC_STATUS: booleanSetting,
};

/** Settings of every process with a database. */
export const storageSettings = {
  /** With less free space in `DATA_DIR`, the process is DEGRADED. In megabytes. 0: free space is not watched. */
  MIN_FREE_DISK_MB: createCountSetting(200, 0, 1_000_000_000),
};

/** Settings of services whose database may be in PostgreSQL. */
export const databaseSettings = {
  /** The PostgreSQL database that several instances share. @default SQLite in `DATA_DIR` */
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/\S+$/, 'must be a URL like postgresql://user:password@host:5432/name')
    .optional(),
};

/** The validated common settings. */
export type CommonSettings = z.infer<z.ZodObject<typeof commonSettings>>;
/** Environment variables, as in `process.env`. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** Their values are secret or can contain a password, so that no message shows them. */
const SECRET_SETTINGS = [
  'INSTALLATION_SECRET',
  'METRICS_TOKEN',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'AUTH_TOKEN',
  'DATABASE_URL',
  'REDIS_URL',
  // Somebody may put a user and a password into it, as in a URL.
  'REDIS_SENTINELS',
  'REDIS_SENTINEL_PASSWORD',
];

/**
 * Reads and validates a process's settings. An empty variable counts as absent. Variables outside `shape` are ignored.
 * @throws StartError that reports every invalid setting
 */
export function readSettings<S extends z.ZodRawShape>(
  shape: S,
  env: EnvironmentVariables,
): z.infer<z.ZodObject<S>> {
  const present = Object.fromEntries(
    Object.entries(env).filter(
      ([name, value]) => name in shape && value !== undefined && value.trim() !== '',
    ),
  );
  const parsed = z.object(shape).safeParse(present);
  const faults = parsed.success
    ? findRedisSettingConflicts(parsed.data)
    : parsed.error.issues.map((issue) => {
        const name = String(issue.path[0]);
        const value = SECRET_SETTINGS.includes(name) ? '' : ` (it is "${present[name] ?? ''}")`;
        return `${name} ${issue.message}${value}`;
      });
  if (parsed.success && faults.length === 0) return parsed.data;
  throw new StartError(`These settings cannot be used: ${faults.join('; ')}.`);
}

/** The setting `INSTANCE_ID`, or `<hostname>:<port>`, which is stable over restarts. */
export const resolveInstanceId = (settings: { INSTANCE_ID?: string | undefined }, port: number): string =>
  settings.INSTANCE_ID ?? `${hostname()}:${port}`;

/**
 * Reads the settings of Redis alone.
 * @throws StartError that reports every invalid setting
 */
export const readRedisSettings = (env: EnvironmentVariables): RedisSettings =>
  readSettings(redisSettings, env);
