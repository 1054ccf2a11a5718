/**
 * @typedef {import('./columns.mjs').RowFault} RowFault
 * @typedef {import('../client/http-client.mjs').GraphQLFault} GraphQLFault
 */

/**
 * What the server has against a row, by the columns that it is about.
 *
 * @param {readonly GraphQLFault[]} errors
 * @returns {RowFault[]}
 */
export const faultsOfErrors = (errors) =>
  errors.flatMap(({ message, extensions: { code = 'UNKNOWN', faults } = {} }) =>
    faults && faults.length > 0
      ? faults.map((fault) => ({ column: columnOf(fault.path), code: fault.code, message: fault.message }))
      : [{ column: null, code, message }],
  );

/** `['input', 'days', 1]` is about the column `days`, `['input']` about the whole. @param {readonly (string | number)[]} path */
function columnOf([, field]) {
  return typeof field === 'string' ? field : null;
}
