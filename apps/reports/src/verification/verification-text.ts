import type { RowDifference } from './compare-read-models.js';
import type { VerificationReport } from './verify-read-model.js';

const KIND_TEXTS = {
  extra: 'is in the read model, but does not follow from the log',
  missing: 'is missing in the read model',
  changed: 'has other values than the log gives',
} as const satisfies Record<RowDifference['kind'], string>;

export const formatDifference = ({ table, kind, key }: RowDifference): string =>
  `${table} ${key.map((value) => JSON.stringify(value)).join(' ')} ${KIND_TEXTS[kind]}.`;

/** One line: the result of a verification, and what to do. */
export function formatReport({ position, differences, isRepaired }: VerificationReport): string {
  if (differences.length === 0) return `The read model is equal to the log up to position ${position}.`;
  const count = `${differences.length} ${differences.length === 1 ? 'row differs' : 'rows differ'}`;
  return isRepaired
    ? `${count} from the log at position ${position}: all are repaired.`
    : `${count} from the log at position ${position}. Repair with npm run verify -- --repair.`;
}
