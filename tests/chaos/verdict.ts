import type { CheckResult } from './check-history.js';

const MAX_LISTED = 20;

/** Formats the verdict of each check, and what violates it. */
export function formatVerdict(checks: readonly CheckResult[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const table = checks.map(
    ({ name, violations }) =>
      `${name.padEnd(width)}  ${violations.length === 0 ? 'ok' : `${violations.length} VIOLATIONS`}`,
  );
  const details = checks
    .filter(({ violations }) => violations.length > 0)
    .flatMap(({ name, violations }) => [
      '',
      `${name}:`,
      ...violations.slice(0, MAX_LISTED).map((violation) => `  - ${violation}`),
      ...(violations.length > MAX_LISTED ? [`  and ${violations.length - MAX_LISTED} more`] : []),
    ]);
  return [...table, ...details].join('\n');
}
