/** Request header, and the response header of a command's answer. Among `extensions` it is called `consistencyToken`. */
export const CONSISTENCY_HEADER = 'x-consistency-token';

/**
 * A state that a reader has to have reached: the log at a position. A command's answer carries it as an opaque text, and
 * who brings that text sees at least what the command did.
 */
export interface ConsistencyToken {
  readonly logId: string;
  readonly position: number;
  /** When the log was at this position, in milliseconds since 1970. */
  readonly at: number;
}

const POSITION_DIGITS = 15;
const FORM = /^(\d{15})\.([\w-]{1,64})\.(\d{1,15})$/;

/** Texts of one log sort as their positions do, so that a client can keep the later of two without reading them. */
export const formatConsistencyToken = ({ logId, position, at }: ConsistencyToken): string =>
  `${String(position).padStart(POSITION_DIGITS, '0')}.${logId}.${at}`;

/** @returns undefined where the text is no token */
export function parseConsistencyToken(text: unknown): ConsistencyToken | undefined {
  const [, position, logId, at] = typeof text === 'string' ? (FORM.exec(text) ?? []) : [];
  if (logId === undefined) return undefined;
  return { logId, position: Number(position), at: Number(at) };
}

/** The one that asks for more. Positions of two logs cannot be compared: of those, the newer one. */
export function laterConsistencyToken(
  one: ConsistencyToken | undefined,
  other: ConsistencyToken | undefined,
): ConsistencyToken | undefined {
  if (!one || !other) return one ?? other;
  const isLater = one.logId === other.logId ? other.position > one.position : other.at > one.at;
  return isLater ? other : one;
}
