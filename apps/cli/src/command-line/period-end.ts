const MS_PER_UNIT: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION_PATTERN = /^(\d{1,8}(?:\.\d{1,3})?)(s|m|h|d)$/;

/**
 * Converts the value of `--until` to a time.
 * @param text a duration from now such as `90m`, `2h` or `3d`, or a time
 * @param now ms since 1970
 * @returns a time; any text that is no duration is returned unchanged, for the server to validate
 */
export function parsePeriodEnd(text: string | undefined, now: number): string | undefined {
  const [, number, unit = ''] = DURATION_PATTERN.exec(text ?? '') ?? [];
  const unitMs = MS_PER_UNIT[unit];
  return unitMs === undefined ? text : new Date(now + Number(number) * unitMs).toISOString();
}
