/** The request header, and the response header, of a consistency token. `extensions.consistencyToken` has the same text. */
export const CONSISTENCY_TOKEN_HEADER = 'x-consistency-token';

/**
 * A position of the event log that a reader must have processed. A mutation's response carries it as opaque text. A query
 * that sends that text sees at least the effect of the mutation.
 */
export interface ConsistencyToken {
  readonly logId: string;
  readonly position: number;
  /** When the log was at this position, in milliseconds since 1970. */
  readonly at: number;
}

const POSITION_DIGITS = 15;
const TOKEN = /^(\d{15})\.([\w-]{1,64})\.(\d{1,15})$/;

/** Texts of one log sort like their positions: a client keeps the later of two without parsing them. */
export const formatConsistencyToken = ({ logId, position, at }: ConsistencyToken): string =>
  `${String(position).padStart(POSITION_DIGITS, '0')}.${logId}.${at}`;

/** @returns undefined if the text is not a token */
export function parseConsistencyToken(text: unknown): ConsistencyToken | undefined {
  const [, position, logId, at] = typeof text === 'string' ? (TOKEN.exec(text) ?? []) : [];
  if (logId === undefined) return undefined;
  return { logId, position: Number(position), at: Number(at) };
}

/** Returns the later of two tokens. Positions of different logs cannot be compared: there the newer token counts. */
export function getLaterConsistencyToken(
  one: ConsistencyToken | undefined,
  other: ConsistencyToken | undefined,
): ConsistencyToken | undefined {
  if (!one || !other) return one ?? other;
  const isLater = one.logId === other.logId ? other.position > one.position : other.at > one.at;
  return isLater ? other : one;
}
