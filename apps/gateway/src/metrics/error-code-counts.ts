/** Codes that are counted one by one. Subgraphs of others may send any. */
const MAX_CODES = 100;
const MAX_CODE_LENGTH = 64;
const OTHER_CODES = 'other';
const WITHOUT_CODE = 'none';

/** Counts the errors that clients receive, by their codes. */
export interface ErrorCodeCounts {
  /** @param code `extensions.code` of an error */
  record(code: unknown): void;
  readonly counts: ReadonlyMap<string, number>;
}

export function createErrorCodeCounts(): ErrorCodeCounts {
  const counts = new Map<string, number>();
  const toLabel = (code: unknown): string => {
    if (typeof code !== 'string') return WITHOUT_CODE;
    if (counts.has(code)) return code;
    return counts.size < MAX_CODES && code.length <= MAX_CODE_LENGTH ? code : OTHER_CODES;
  };
  return {
    record(code) {
      const label = toLabel(code);
      counts.set(label, (counts.get(label) ?? 0) + 1);
    },
    counts,
  };
}
