import { UsageError } from '../shared/errors.mjs';

const MS_PER_UNIT = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const DURATION_PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
/** The longest delay of Node's timers. */
const MAX_DURATION_MS = 2 ** 31 - 1;

/**
 * @param {string} option for the message, such as `--every`
 * @param {string} text such as `10s`, `500ms` or `1.5m`
 * @returns {number} ms, at least 1
 * @throws {UsageError}
 */
export function parseDuration(option, text) {
  const [, number, unit = 'ms'] = DURATION_PATTERN.exec(text) ?? [];
  const ms = Number(number) * MS_PER_UNIT[/** @type {keyof typeof MS_PER_UNIT} */ (unit)];
  if (ms >= 1 && ms <= MAX_DURATION_MS) return ms;
  throw new UsageError(`${option} must be a duration like 10s, 500ms or 2m (it is "${text}").`);
}

/**
 * @param {string} option for the message, such as `--count`
 * @param {string} text
 * @param {{ min: number, max: number }} range inclusive
 * @throws {UsageError}
 */
export function parseWholeNumber(option, text, { min, max }) {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${option} must be a whole number from ${min} to ${max} (it is "${text}").`);
}
