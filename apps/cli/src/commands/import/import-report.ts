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

/** Formats one line per fault, then the counts. */
export function formatImportReport(imported: readonly ImportedRow[], rowCount: number): string {
  const lines = imported.flatMap((outcome) =>
    outcome.kind === 'refused' ? outcome.faults.map((fault) => formatFault(outcome.line, fault)) : [],
  );
  const { created, alreadyThere, refused, notSent } = countRowOutcomes(imported, rowCount);
  const counts = `${created} created, ${alreadyThere} already there, ${refused} refused`;
  return [...lines, notSent > 0 ? `${counts}, ${notSent} not sent.` : `${counts}.`].join('\n');
}

const formatFault = (line: number, { column, message }: RowFault) =>
  `line ${line}${column === null ? '' : `, ${column}`}: ${message}`;

/** Formats the same report for programs. */
export const formatImportReportAsJson = (imported: readonly ImportedRow[], rowCount: number): string =>
  JSON.stringify({ ...countRowOutcomes(imported, rowCount), rows: imported }, null, 2);
