import { UsageError } from './exit.mjs';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
/** What Node's timers can wait. */
const MAX_MS = 2 ** 31 - 1;

/**
 * @param {string} option it is given to, for the message
 * @param {string} text such as `10s`, `500ms`, `1.5m`
 * @returns {number} ms, over 0
 * @throws {UsageError}
 */
export function parseDuration(option, text) {
  const [, figure, unit = 'ms'] = DURATION.exec(text) ?? [];
  const ms = Number(figure) * UNITS[/** @type {keyof typeof UNITS} */ (unit)];
  if (ms >= 1 && ms <= MAX_MS) return ms;
  throw new UsageError(`${option} must be a time like 10s, 500ms or 2m (it is "${text}").`);
}

/** @param {number} ms @returns {string} for a table: `3.2 ms`, `1,204 ms` */
export const formatMs = (ms) => `${ms < 100 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en-US')} ms`;
