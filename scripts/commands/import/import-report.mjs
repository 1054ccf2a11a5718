/** @typedef {import('./import-rules.mjs').ImportedRow} ImportedRow */

/** @param {readonly ImportedRow[]} imported @param {number} rowCount of the file */
export function countRowOutcomes(imported, rowCount) {
  const count = (/** @type {ImportedRow['kind']} */ kind) =>
    imported.filter((outcome) => outcome.kind === kind).length;
  return {
    created: count('created'),
    alreadyThere: count('already there'),
    refused: count('refused'),
    notSent: rowCount - imported.length,
  };
}

/** One line per fault, then the counts. @param {readonly ImportedRow[]} imported @param {number} rowCount */
export function formatImportReport(imported, rowCount) {
  const lines = imported.flatMap((outcome) =>
    outcome.kind === 'refused' ? outcome.faults.map((fault) => formatFault(outcome.line, fault)) : [],
  );
  const { created, alreadyThere, refused, notSent } = countRowOutcomes(imported, rowCount);
  const counts = `${created} created, ${alreadyThere} already there, ${refused} refused`;
  return [...lines, notSent > 0 ? `${counts}, ${notSent} not sent.` : `${counts}.`].join('\n');
}

/** @param {number} line @param {import('./parse-rules-csv.mjs').RowFault} fault */
const formatFault = (line, { column, message }) =>
  `line ${line}${column === null ? '' : `, ${column}`}: ${message}`;

/** The same report for programs. @param {readonly ImportedRow[]} imported @param {number} rowCount */
export const formatImportReportAsJson = (imported, rowCount) =>
  JSON.stringify({ ...countRowOutcomes(imported, rowCount), rows: imported }, null, 2);
