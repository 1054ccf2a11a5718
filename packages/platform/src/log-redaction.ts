/** What stands in log lines in place of a secret. */
export const REDACTED = '[redacted]';

/** Names of properties whose values are secrets, as pino's paths: at the top of a line, and one and two levels below. */
const SECRET_PROPERTIES = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'INSTALLATION_SECRET',
  'METRICS_TOKEN',
  'AUTH_TOKEN',
  'DATABASE_URL',
  'PGPASSWORD',
  'REDIS_URL',
  'REDIS_SENTINEL_PASSWORD',
  'sentinelPassword',
  '["set-cookie"]',
  '["x-installation-secret"]',
  '["x-abc-signature"]',
];

const joinPath = (start: string, property: string): string =>
  property.startsWith('[') ? `${start}${property}` : `${start}.${property}`;

/** Paths for pino's option `redact`. */
export const SECRET_PATHS: readonly string[] = SECRET_PROPERTIES.flatMap((property) => [
  property,
  joinPath('*', property),
  joinPath('*.*', property),
]);

/** The user and password of a URL. */
const URL_CREDENTIALS = /(\w:\/\/)[^\s/@]*@/g;
/** A token after its scheme, and a JSON Web Token anywhere. */
const TOKENS = /\bBearer +[\w.~+/=-]+|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;

/** Replaces what looks like a secret in a text: credentials of a URL, and tokens. */
export const redactSecrets = (text: string): string =>
  text.replace(URL_CREDENTIALS, `$1${REDACTED}@`).replace(TOKENS, REDACTED);

/** How many causes of an error, and errors of an AggregateError, are logged. */
const MAX_NESTED_ERRORS = 5;

/** An error as a log line has it. */
export type LoggedError = Readonly<Record<string, unknown>>;

/**
 * Serializes an error for a log line: its type, message, stack, causes, and properties that are texts or numbers, such as `code`.
 * Other properties are left out: an error of ioredis has the arguments of its command, which can be a password or a customer's data.
 */
export function serializeLoggedError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? redactSecrets(error) : error;
  const { message, stack, cause } = error;
  const serialized: Record<string, unknown> = {
    type: error.constructor.name,
    message: redactSecrets(message),
    ...(stack !== undefined && { stack: redactSecrets(stack) }),
  };
  for (const [name, value] of Object.entries(error)) {
    if (name in serialized) continue;
    if (typeof value === 'string') serialized[name] = redactSecrets(value);
    else if (typeof value === 'number' || typeof value === 'boolean') serialized[name] = value;
  }
  if (depth >= MAX_NESTED_ERRORS) return serialized;
  if (cause !== undefined) serialized['cause'] = serializeLoggedError(cause, depth + 1);
  if (error instanceof AggregateError) {
    serialized['errors'] = error.errors
      .slice(0, MAX_NESTED_ERRORS)
      .map((each) => serializeLoggedError(each, depth + 1));
  }
  return serialized;
}

/** Replaces what looks like a secret in the texts of a log line. */
export function redactLogLine(line: Record<string, unknown>): Record<string, unknown> {
  let redacted = line;
  for (const [name, value] of Object.entries(line)) {
    if (typeof value !== 'string') continue;
    const text = redactSecrets(value);
    if (text === value) continue;
    if (redacted === line) redacted = { ...line };
    redacted[name] = text;
  }
  return redacted;
}
