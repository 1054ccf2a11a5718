/** @typedef {import('./import-rules.mjs').Imported} Imported */

/** @param {readonly Imported[]} imported @param {number} rows */
export function count(imported, rows) {
  const of = (/** @type {Imported['kind']} */ kind) =>
    imported.filter((outcome) => outcome.kind === kind).length;
  return {
    created: of('created'),
    alreadyThere: of('already there'),
    refused: of('refused'),
    notSent: rows - imported.length,
  };
}

/** A line for each fault, then one that sums up. @param {readonly Imported[]} imported @param {number} rows */
export function reportText(imported, rows) {
  const lines = imported.flatMap((outcome) =>
    outcome.kind === 'refused' ? outcome.faults.map(lineOf(outcome.line)) : [],
  );
  const { created, alreadyThere, refused, notSent } = count(imported, rows);
  const sum = `${created} created, ${alreadyThere} there already, ${refused} refused`;
  return [...lines, notSent > 0 ? `${sum}, ${notSent} not sent.` : `${sum}.`].join('\n');
}

/** @param {number} line @returns {(fault: import('./columns.mjs').RowFault) => string} */
const lineOf =
  (line) =>
  ({ column, message }) =>
    `line ${line}${column === null ? '' : `, ${column}`}: ${message}`;

/** The same for programs. @param {readonly Imported[]} imported @param {number} rows */
export const reportJson = (imported, rows) =>
  JSON.stringify({ ...count(imported, rows), rows: imported }, null, 2);
