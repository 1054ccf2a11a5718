import { createHash } from 'node:crypto';
import { runInTransaction } from './sql-connection.js';
import type { SqliteFile } from './sqlite-files.js';
import { createPageReader } from './store-copy-source.js';
import { getKey, type CopiedRow, type CopiedTable } from './store-copy-tables.js';
import { createTargetTable, getPageRange, type KeyRange } from './store-copy-target.js';

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

export interface CopiedPage {
  /** The key of its last row; undefined without rows. */
  readonly lastKey: CopiedRow | undefined;
  readonly rows: number;
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

/** PostgreSQL's code for a unique index that has the values already. */
const UNIQUE_VIOLATION = '23505';

/**
 * Makes a table of the target equal to that of the source, page by page in the order of the primary key. Pages that are equal
 * already are only read, so that a second copy takes what has changed.
 *
 * A page may conflict with a row of a later page that has changed since, for example if two rules have swapped their names. It is
 * then left empty, and copied after all others. If the source changes meanwhile, it may conflict again: the next copy finds it.
 */
export async function copyTable(options: TableCopyOptions): Promise<TableCopyResult> {
  const { source, target, table, onPage, isStopped } = options;
  const readPage = createPageReader(source, table);
  const targetTable = createTargetTable(target, table);
  const digests: Record<'source' | 'target', string[]> = { source: [], target: [] };
  const postponed: { readonly index: number; readonly after: CopiedRow | undefined }[] = [];
  let rows = 0;
  let copiedRows = 0;

  const replacePage = (range: KeyRange, replacement: readonly CopiedRow[], page: CopiedPage) =>
    runInTransaction(target, async () => {
      await targetTable.replace(range, replacement);
      await onPage(page);
    });
  const copyPage = async (index: number, after: CopiedRow | undefined, isRepeated: boolean) => {
    const page = readPage(after);
    const range = getPageRange(table, after, page);
    // One more than expected shows that the target has rows that the source lacks.
    const limit = page.rows.length + 1;
    const last = page.rows.at(-1);
    const copied = { lastKey: last && getKey(table, last), rows: page.rows.length };
    const text = JSON.stringify(page.rows);
    let present = JSON.stringify(await targetTable.read(range, limit));
    if (present === text) await onPage(copied);
    else {
      try {
        await replacePage(range, page.rows, copied);
        copiedRows += page.rows.length;
      } catch (error) {
        if ((error as { code?: unknown }).code !== UNIQUE_VIOLATION) throw error;
        await replacePage(range, [], copied);
        if (!isRepeated) postponed.push({ index, after });
      }
      present = JSON.stringify(await targetTable.read(range, limit));
    }
    digests.source[index] = hash(text);
    digests.target[index] = hash(present);
    return { ...copied, isLast: page.isLast };
  };

  for (let index = 0, after = options.after; ; index++) {
    if (isStopped()) throw new CopyStoppedError();
    const page = await copyPage(index, after, false);
    rows += page.rows;
    if (page.isLast) break;
    after = page.lastKey;
  }
  for (const { index, after } of postponed) await copyPage(index, after, true);
  return {
    rows,
    copiedRows,
    digest: hash(digests.source.join()),
    targetDigest: hash(digests.target.join()),
  };
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
