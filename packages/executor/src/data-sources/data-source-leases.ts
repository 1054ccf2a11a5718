import { throwFailures } from '../shared/errors.js';
import type { StructuredLogger } from '../shared/logger.js';
import type { DataSource, DataSources } from './data-source.js';

/** Keeps the data sources of one supergraph open while operations use them. */
export interface DataSourceLease {
  /** The data sources may be closed. Use those of the present supergraph instead. */
  readonly hasEnded: boolean;
  /** Keeps the data sources open until the promise has settled. */
  holdUntilSettled(promise: Promise<unknown>): void;
  /** Ends the lease as soon as no promise holds it. Call it when a reload has replaced the supergraph. */
  release(): void;
}

/** Closes data sources that no supergraph needs any more. Several supergraphs may have the same data source. */
export interface DataSourceLeases {
  /** Number of promises that hold data sources open. */
  readonly holderCount: number;
  create(dataSources: DataSources): DataSourceLease;
  /**
   * Closes all open data sources, even those that operations use.
   * @throws Error (as a rejection) if a data source cannot be closed; all others are closed. AggregateError for several errors
   */
  closeAll(): Promise<void>;
}

/** @param logger receives failures to close a replaced data source */
export function createDataSourceLeases(logger: StructuredLogger): DataSourceLeases {
  /** The data sources of each lease that has not ended. */
  const open = new Map<DataSourceLease, readonly DataSource[]>();
  let totalHolderCount = 0;
  const closeUnused = (dataSources: DataSources) => {
    const used = new Set([...open.values()].flat());
    for (const [service, dataSource] of Object.entries(dataSources)) {
      if (used.has(dataSource)) continue;
      closeDataSource(dataSource).catch((error: unknown) => {
        logger.warn({ err: error, service }, 'a replaced data source could not be closed');
      });
    }
  };

  return {
    get holderCount() {
      return totalHolderCount;
    },
    create(dataSources) {
      let holderCount = 0;
      let isReleased = false;
      const endIfUnused = () => {
        if (isReleased && holderCount === 0 && open.delete(lease)) closeUnused(dataSources);
      };
      const drop = () => {
        holderCount -= 1;
        totalHolderCount -= 1;
        endIfUnused();
      };
      const lease: DataSourceLease = {
        get hasEnded() {
          return !open.has(lease);
        },
        holdUntilSettled(promise) {
          holderCount += 1;
          totalHolderCount += 1;
          void promise.then(drop, drop);
        },
        release() {
          isReleased = true;
          endIfUnused();
        },
      };
      open.set(lease, Object.values(dataSources));
      return lease;
    },
    async closeAll() {
      const dataSources = new Set([...open.values()].flat());
      open.clear();
      const closed = await Promise.allSettled([...dataSources].map(closeDataSource));
      throwFailures(closed, 'Data sources could not be closed.');
    },
  };
}

/** Rejects also if the data source throws. */
const closeDataSource = async (dataSource: DataSource): Promise<void> => dataSource.close?.();
