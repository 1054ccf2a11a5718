import { runInTransaction } from '@seguridad-abc/platform';

/** Runs transactions of one connection one after the other, in the order of the calls. */
export interface WriteQueue {
  run<Result>(transaction: () => Promise<Result>): Promise<Result>;
}

export function createWriteQueue(): WriteQueue {
  let previous: Promise<unknown> = Promise.resolve();
  return {
    run(transaction) {
      const result = previous.then(transaction);
      previous = result.catch(() => undefined);
      return result;
    },
  };
}

/** Creates a function that runs each piece of work in a separate transaction. @param db the connection for writes */
export const createTransact =
  <Db extends object>(db: Db, queue: WriteQueue) =>
  <Result>(work: (db: Db) => Promise<Result>): Promise<Result> =>
    queue.run(() => runInTransaction(db, () => work(db)));
