import { createHash } from 'node:crypto';
import { runInTransaction, type SqliteFile } from '@seguridad-abc/platform';
import { getKey, type CopiedRow, type CopiedTable } from './copied-tables.js';
import { createTargetTable, getPageRange } from './postgres-target.js';
import { createPageReader } from './sqlite-source.js';

/** What a copy of a table has found. */
export interface TableCopyResult {
  readonly rows: number;
  /** Rows of the pages that differed. */
  readonly copiedRows: number;
  /** Of all rows that were read from the source, in hexadecimal. */
  readonly digest: string;
  /** The same of the target, as it was read back. */
  readonly targetDigest: string;
}

export interface TableCopyOptions {
  readonly source: SqliteFile;
  /** The connection to PostgreSQL. Nothing else writes there. */
  readonly target: object;
  readonly table: CopiedTable;
  /** The key after which to begin. @default the whole table */
  readonly after?: CopiedRow | undefined;
  /** Called after each page with its last key; if the page was copied, inside its transaction. */
  readonly onPage: (page: {
    readonly lastKey: CopiedRow | undefined;
    readonly rows: number;
  }) => Promise<void>;
  /** Whether to end early. */
  readonly isStopped: () => boolean;
}

/** Ends a copy early. */
export class CopyStoppedError extends Error {
  override name = 'CopyStoppedError';

  constructor() {
    super('The copy was stopped. Run the command again to continue.');
  }
}

/**
 * Makes a table of the target equal to that of the source, page by page in the order of the primary key. Pages that are equal
 * already are only read, so that a second copy takes what has changed.
 */
export async function copyTable(options: TableCopyOptions): Promise<TableCopyResult> {
  const { source, target, table, onPage, isStopped } = options;
  const readPage = createPageReader(source, table);
  const targetTable = createTargetTable(target, table);
  const digest = createHash('sha256');
  const targetDigest = createHash('sha256');
  let rows = 0;
  let copiedRows = 0;
  let after = options.after;
  for (;;) {
    if (isStopped()) throw new CopyStoppedError();
    const page = readPage(after);
    const range = getPageRange(table, after, page);
    // One more than expected shows that the target has rows that the source lacks.
    const limit = page.rows.length + 1;
    const text = JSON.stringify(page.rows);
    let present = JSON.stringify(await targetTable.read(range, limit));
    const last = page.rows.at(-1);
    const lastKey = last && getKey(table, last);
    if (present === text) await onPage({ lastKey, rows: page.rows.length });
    else
      await runInTransaction(target, async () => {
        await targetTable.replace(range, page.rows);
        present = JSON.stringify(await targetTable.read(range, limit));
        copiedRows += page.rows.length;
        await onPage({ lastKey, rows: page.rows.length });
      });
    digest.update(text);
    targetDigest.update(present);
    rows += page.rows.length;
    if (page.isLast) break;
    after = lastKey;
  }
  return { rows, copiedRows, digest: digest.digest('hex'), targetDigest: targetDigest.digest('hex') };
}
