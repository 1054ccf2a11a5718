const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(\d{1,8}(?:\.\d{1,3})?)(s|m|h|d)$/;

/**
 * @param {string | undefined} text a time, which the monitor judges, or how long from now: `90m`, `2h`, `3d`
 * @param {number} now ms since 1970
 * @returns {string | undefined} a time
 */
export function readUntil(text, now) {
  const [, figure, unit] = DURATION.exec(text ?? '') ?? [];
  if (unit === undefined) return text;
  return new Date(now + Number(figure) * UNITS[/** @type {keyof typeof UNITS} */ (unit)]).toISOString();
}
