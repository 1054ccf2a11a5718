import { randomUUID } from 'node:crypto';
import { NotReachable } from '../cli/exit.mjs';
import { concurrently } from '../cli/concurrently.mjs';
import { importRow } from './import-row.mjs';

/** The server shares a commit between commands that come together. */
const CONCURRENCY = 16;

/** @typedef {{ line: number } & import('./import-row.mjs').Outcome} Imported */

/**
 * Creates the rules of a file's rows.
 *
 * @param {import('../client/http-client.mjs').HttpClient} client
 * @param {readonly import('./row.mjs').Row[]} rows
 * @param {{ signal: AbortSignal, onProgress?: (done: number) => void }} options
 * @returns {Promise<{ imported: Imported[], cut: NotReachable | undefined }>} what became of the rows in their order,
 *   and why some are not among them
 */
export async function importRules(client, rows, { signal, onProgress }) {
  const run = randomUUID();
  /** @type {(Imported | undefined)[]} */
  const imported = rows.map(() => undefined);
  let done = 0;
  /** @type {NotReachable | undefined} */
  let cut;
  try {
    await concurrently(rows, { concurrency: CONCURRENCY, signal }, async (row, index) => {
      // Of this run only: a later one is to see what has become of the rule since.
      const outcome = await importRow(client, row, { key: `import-${run}-${row.line}`, signal });
      imported[index] = { line: row.line, ...outcome };
      onProgress?.(++done);
    });
  } catch (error) {
    if (!(error instanceof NotReachable)) throw error;
    cut = error;
  }
  return { imported: imported.filter((outcome) => outcome !== undefined), cut };
}
