/** Lines of one level with the same message in a minute. Further ones are counted. */
const MAX_EQUAL_LINES_PER_MINUTE = 60;
const MINUTE_MS = 60_000;
/** Most messages are constant texts. Those beyond this number count together. */
const MAX_COUNTED_MESSAGES = 1_000;
const OTHER_MESSAGES = 'other messages';

/** A message of which lines were left out. */
export interface OmittedLogLines {
  readonly message: string;
  readonly omittedLines: number;
}

/** Bounds log lines that repeat: a fault that each request meets would fill the disk. */
export interface RepeatedLogLines {
  /** @returns false if the line must be left out */
  mayLog(level: number, message: string): boolean;
}

interface CountedMessage {
  readonly message: string;
  count: number;
}

/**
 * @param reportOmitted called at the end of a minute in which lines were left out
 * @param maxLines of one level and message in a minute
 */
export function createRepeatedLogLines(
  reportOmitted: (omitted: OmittedLogLines) => void,
  maxLines = MAX_EQUAL_LINES_PER_MINUTE,
  now = () => performance.now(),
): RepeatedLogLines {
  const counted = new Map<string, CountedMessage>();
  let minuteStart = now();
  let timer: NodeJS.Timeout | undefined;

  const endMinute = () => {
    clearTimeout(timer);
    timer = undefined;
    minuteStart = now();
    const messages = [...counted.values()];
    counted.clear();
    for (const { message, count } of messages)
      if (count > maxLines) reportOmitted({ message, omittedLines: count - maxLines });
  };
  const find = (level: number, message: string): CountedMessage => {
    const key = `${level} ${message}`;
    const isKnown = counted.has(key) || counted.size < MAX_COUNTED_MESSAGES;
    const usedKey = isKnown ? key : OTHER_MESSAGES;
    let found = counted.get(usedKey);
    if (!found) counted.set(usedKey, (found = { message: isKnown ? message : OTHER_MESSAGES, count: 0 }));
    return found;
  };

  return {
    mayLog(level, message) {
      if (now() - minuteStart >= MINUTE_MS) endMinute();
      const found = find(level, message);
      found.count += 1;
      if (found.count <= maxLines) return true;
      timer ??= setTimeout(endMinute, Math.max(0, minuteStart + MINUTE_MS - now())).unref();
      return false;
    },
  };
}
