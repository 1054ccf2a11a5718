import type { ImportedRow } from './import-rules.js';
import type { RowFault } from './parse-rules-csv.js';

/** Counts the rows by their outcome. @param rowCount number of rows of the file */
export function countRowOutcomes(imported: readonly ImportedRow[], rowCount: number) {
  const count = (kind: ImportedRow['kind']) => imported.filter((outcome) => outcome.kind === kind).length;
  return {
    created: count('created'),
    alreadyThere: count('already there'),
    refused: count('refused'),
    notSent: rowCount - imported.length,
  };
}

/**
 * Formats one line per fault, then the counts.
 * @param owner the user who owns all rules, if the report names one
 */
export function formatImportReport(
  imported: readonly ImportedRow[],
  rowCount: number,
  owner?: string,
): string {
  const lines = imported.flatMap((outcome) =>
    outcome.kind === 'refused' ? outcome.faults.map((fault) => formatFault(outcome.line, fault)) : [],
  );
  const { created, alreadyThere, refused, notSent } = countRowOutcomes(imported, rowCount);
  const counts = `${created} created${owner === undefined ? '' : ` for ${owner}`}, ${alreadyThere} already there, ${refused} refused`;
  return [...lines, notSent > 0 ? `${counts}, ${notSent} not sent.` : `${counts}.`].join('\n');
}

/** A quota is named: it is no fault of the row, and it binds customers alone. */
const formatFault = (line: number, { column, code, message }: RowFault) =>
  `line ${line}${column === null ? '' : `, ${column}`}: ${message}${code === 'QUOTA_EXCEEDED' ? ` (${code})` : ''}`;

/** Formats the same report for programs. */
export const formatImportReportAsJson = (imported: readonly ImportedRow[], rowCount: number): string =>
  JSON.stringify({ ...countRowOutcomes(imported, rowCount), rows: imported }, null, 2);
