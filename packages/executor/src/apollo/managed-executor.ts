import { toStructuredLogger } from '../shared/logger.js';
import {
  createSupergraphManagerRunner,
  type SupergraphManager,
  type SupergraphManagerRunnerOptions,
  type SupergraphSdlHook,
} from './supergraph-manager.js';

/** An executor whose supergraph a manager updates. */
export interface UpdatableExecutor<Executor> {
  readonly executor: Executor;
  /**
   * Serves another supergraph, unless it is the present one.
   * @throws Error if the supergraph is invalid; the present one stays
   */
  update(supergraphSdl: string): void;
}

/** Options of {@link createManagedExecutor}. */
export interface ManagedExecutorSetup<Executor> extends Omit<SupergraphManagerRunnerOptions, 'serve'> {
  /** Provides the supergraph and its updates. */
  readonly supergraphSdl: SupergraphSdlHook | SupergraphManager;
  /** Stops the creation of the executor. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Creates the executor when the first supergraph is there.
   * @param stopManager the executor calls it when it closes
   * @throws Error if the supergraph is invalid
   */
  readonly createExecutor: (
    supergraphSdl: string,
    stopManager: () => Promise<void>,
  ) => UpdatableExecutor<Executor>;
}

/**
 * Serves the supergraph of a manager, and its updates until the executor closes.
 * @throws (as a rejection) the error of the manager or of `createExecutor`, or the reason of the signal
 */
export async function createManagedExecutor<
  Executor extends { readonly ready: Promise<void>; close(): Promise<void> },
>(setup: ManagedExecutorSetup<Executor>): Promise<Executor> {
  const { signal, createExecutor } = setup;
  const logger = toStructuredLogger(setup.logger);
  signal?.throwIfAborted();
  let updatable: UpdatableExecutor<Executor> | undefined;
  const serve = (supergraphSdl: string): UpdatableExecutor<Executor> => {
    if (updatable) updatable.update(supergraphSdl);
    else updatable = createExecutor(supergraphSdl, () => manager.stop());
    return updatable;
  };
  const serveUpdate = (supergraphSdl: string): void => {
    try {
      serve(supergraphSdl);
    } catch (error) {
      const served = updatable ? 'the previous one is still served' : 'none is served yet';
      logger.error({ err: error }, `the updated supergraph is invalid; ${served}`);
      throw error;
    }
  };
  const manager = createSupergraphManagerRunner(setup.supergraphSdl, { ...setup, serve: serveUpdate });
  try {
    const supergraphSdl = await manager.start(signal);
    signal?.throwIfAborted();
    const { executor } = serve(supergraphSdl);
    await executor.ready;
    signal?.throwIfAborted();
    return executor;
  } catch (error) {
    try {
      await (updatable ? updatable.executor.close() : manager.stop());
    } catch (closeError) {
      logger.error({ err: closeError }, 'an executor that could not be created could not be closed');
    }
    throw error;
  }
}
