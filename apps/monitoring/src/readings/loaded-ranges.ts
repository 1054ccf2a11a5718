/** Earlier and later than every instant. */
const FIRST_INSTANT = Number.MIN_SAFE_INTEGER;
const LAST_INSTANT = Number.MAX_SAFE_INTEGER;

/** How the rows of a history are read from the database, in the order of their instants. */
export interface RowSource<Row> {
  readonly getInstant: (row: Row) => number;
  /** The first rows at or after an instant. Fewer than `limit`: no more follow. */
  readonly findFrom: (at: number, limit: number) => Promise<readonly Row[]>;
  /** The last row before an instant, if there is one, and then what `findFrom` finds, or one row more. */
  readonly findAround: (at: number, limit: number) => Promise<readonly Row[]>;
}

/**
 * A part of a long history in memory, so that pure functions can ask for its rows. A look-up throws {@link NotLoadedError} if it
 * needs another part.
 */
export interface LoadedRanges<Row> {
  /** The first row at or after an instant. */
  firstFrom(at: number): Row | undefined;
  /** The last row before an instant. */
  lastBefore(at: number): Row | undefined;
  /** The rows in `[from, until]`. */
  between(from: number, until: number): readonly Row[];
  /** Loads the rows from some instants on, as far as they are not loaded. @param needsBefore whether also the row before each of them */
  load(instants: readonly number[], needsBefore: boolean): Promise<void>;
}

/** The answer to a look-up is not in memory. */
class NotLoadedError extends Error {
  override name = 'NotLoadedError';

  constructor(readonly load: () => Promise<void>) {
    super('A part of the history is not loaded: call this inside computeWithHistory.');
  }
}

/**
 * Runs a pure function that asks for rows of loaded ranges. If it needs a part that is not loaded, that is loaded, and the function
 * runs again.
 */
export async function computeWithHistory<Result>(compute: () => Result): Promise<Result> {
  for (;;) {
    try {
      return compute();
    } catch (error) {
      if (!(error instanceof NotLoadedError)) throw error;
      await error.load();
    }
  }
}

/** All rows of `[from, until]`. Of the rows of the last instant, the first one is there. */
interface LoadedRange<Row> {
  readonly from: number;
  readonly until: number;
  readonly rows: readonly Row[];
}

/** @param pageSize the number of rows that are loaded together */
export function createLoadedRanges<Row>(source: RowSource<Row>, pageSize: number): LoadedRanges<Row> {
  const { getInstant, findFrom, findAround } = source;
  /** In order, with a gap between each two. */
  let ranges: readonly LoadedRange<Row>[] = [];

  const findRange = (at: number) => ranges.find(({ from, until }) => from <= at && at <= until);

  const add = (added: LoadedRange<Row>) => {
    if (ranges.length === 0) {
      ranges = [added];
      return;
    }
    const touches = ({ from, until }: LoadedRange<Row>) => from <= added.until + 1 && until >= added.from - 1;
    const merged = ranges.filter(touches).reduce(joinRanges, added);
    const others = ranges.filter((range) => !touches(range));
    ranges = [...others, merged].sort((a, b) => a.from - b.from);
  };
  const joinRanges = (a: LoadedRange<Row>, b: LoadedRange<Row>): LoadedRange<Row> => {
    const [first, second] = a.from <= b.from ? [a, b] : [b, a];
    const further = second.rows.filter((row) => getInstant(row) > first.until);
    return {
      from: first.from,
      until: Math.max(first.until, second.until),
      rows: [...first.rows, ...further],
    };
  };

  const addFrom = (at: number, rows: readonly Row[]) => {
    const last = rows.at(-1);
    const isCut = last !== undefined && rows.length >= pageSize;
    add({ from: at, until: isCut ? getInstant(last) : LAST_INSTANT, rows });
  };
  const addAround = (at: number, limit: number, rows: readonly Row[]) => {
    const [first] = rows;
    const last = rows.at(-1);
    const before = first !== undefined && getInstant(first) < at ? getInstant(first) : undefined;
    const countFrom = before === undefined ? rows.length : rows.length - 1;
    const isCut = countFrom >= limit;
    const lastInstant = last === undefined ? FIRST_INSTANT : getInstant(last);
    add({
      from: before ?? FIRST_INSTANT,
      until: isCut ? Math.max(at - 1, lastInstant) : LAST_INSTANT,
      rows,
    });
  };
  const needFrom = (at: number): never => {
    throw new NotLoadedError(async () => addFrom(at, await findFrom(at, pageSize)));
  };
  const needBefore = (at: number): never => {
    throw new NotLoadedError(async () => addAround(at, 0, await findAround(at, 0)));
  };

  return {
    firstFrom(at) {
      const range = findRange(at) ?? needFrom(at);
      const found = range.rows.find((row) => getInstant(row) >= at);
      return found ?? (range.until === LAST_INSTANT ? undefined : needFrom(range.until + 1));
    },
    lastBefore(at) {
      const range = findRange(at - 1) ?? needBefore(at);
      const found = range.rows.findLast((row) => getInstant(row) < at);
      return found ?? (range.from === FIRST_INSTANT ? undefined : needBefore(range.from));
    },
    between(from, until) {
      const range = findRange(from) ?? needFrom(from);
      if (range.until < until) return needFrom(range.until + 1);
      return range.rows.filter((row) => getInstant(row) >= from && getInstant(row) <= until);
    },
    async load(instants, needsBefore) {
      for (const at of [...instants].sort((a, b) => a - b)) {
        if (needsBefore && !findRange(at - 1)) addAround(at, pageSize, await findAround(at, pageSize));
        else if (!findRange(at)) addFrom(at, await findFrom(at, pageSize));
      }
    },
  };
}
