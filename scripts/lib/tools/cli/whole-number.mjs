import { UsageError } from './exit.mjs';

/**
 * @param {string} option it is given to, for the message
 * @param {string} text
 * @param {{ min: number, max: number }} range
 * @throws {UsageError}
 */
export function parseWholeNumber(option, text, { min, max }) {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${option} must be a whole number from ${min} to ${max} (it is "${text}").`);
}
