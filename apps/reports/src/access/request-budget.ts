import { ExpectedError, type RequestLifetime } from '@seguridad-abc/platform';

/** How much work one request may cause. */
export interface RequestLimits {
  /** Rows read from the database, and objects returned in lists, each. */
  readonly rows: number;
  /** Recorded intervals on which rules are simulated, in all simulations of the request. */
  readonly simulatedIntervals: number;
}

/** Objects that a request returns before other requests get a turn. Their fields take about 10 ms. */
const ROWS_PER_TURN = 200;

/**
 * Counts the work of one request, and ends it when it exceeds a limit, when its client has gone, or when its deadline has
 * passed. The client then gets one error. The steps of the request that wait for the budget are never continued: the many
 * fields of a large query would otherwise each fail with an error of their own, which takes seconds.
 */
export interface RequestBudget {
  /** Rows that may still be read. */
  readonly remainingRows: number;
  /** Ends the request with `DEADLINE_EXCEEDED`, or `REQUEST_CANCELLED`, if nobody waits for it. */
  checkLifetime(): Promise<void>;
  /** Counts rows that were read. Ends the request with `OPERATION_TOO_COSTLY` if they are too many. */
  spendReadRows(count: number): Promise<void>;
  /**
   * Counts objects that a list returns, and resolves when it is their turn: each turn has a limited number of objects, and
   * other requests have turns between them. Ends the request with `OPERATION_TOO_COSTLY` if they are too many.
   * @param advice tells the client how to get fewer objects; default: smaller pages
   */
  spendReturnedRows(count: number, advice?: string): Promise<void>;
  /** Counts intervals of a simulation. Ends the request with `OPERATION_TOO_COSTLY` if they are too many. */
  spendSimulatedIntervals(count: number): Promise<void>;
  /** Resolves after other requests had a turn. */
  takeTurn(): Promise<void>;
}

export function createRequestBudget(limits: RequestLimits, lifetime: RequestLifetime): RequestBudget {
  let readRows = 0;
  let returnedRows = 0;
  let simulatedIntervals = 0;
  let rowsOfTurn = 0;
  let turn: Promise<void> = Promise.resolve();
  let end: Promise<never> | undefined;

  const checkLifetime = async () => {
    await end;
    const error = lifetime.findEnd();
    if (error) await (end ??= lifetime.abandon(error));
  };
  const check = async (spent: number, limit: number, message: string) => {
    await checkLifetime();
    if (spent > limit)
      await (end ??= lifetime.abandon(new ExpectedError('OPERATION_TOO_COSTLY', message, { limit })));
  };
  const checkRows = (rows: number, advice = 'Ask for smaller pages or less nested lists.') =>
    check(rows, limits.rows, `The query needs more than ${limits.rows} rows. ${advice}`);
  const addTurn = () => {
    turn = turn.then(() => new Promise((resolve) => setImmediate(resolve)));
  };

  return {
    get remainingRows() {
      return limits.rows - readRows;
    },
    checkLifetime,
    spendReadRows(count) {
      readRows += count;
      return checkRows(readRows);
    },
    async spendReturnedRows(count, advice) {
      returnedRows += count;
      const spent = returnedRows;
      rowsOfTurn += count;
      if (rowsOfTurn > ROWS_PER_TURN) {
        rowsOfTurn = count;
        addTurn();
      }
      await turn;
      await checkRows(spent, advice);
    },
    spendSimulatedIntervals(count) {
      simulatedIntervals += count;
      const limit = limits.simulatedIntervals;
      const message = `The simulations of the query need more than ${limit} recorded intervals. Simulate fewer rules or shorter periods.`;
      return check(simulatedIntervals, limit, message);
    },
    async takeTurn() {
      addTurn();
      await turn;
      await checkLifetime();
    },
  };
}
