import { setTimeout as sleep } from 'node:timers/promises';
import type { ApolloDataSource, SupergraphManager, SupergraphSdlHookOptions } from '@seguridad-abc/executor';
import { getErrorMessage, type Logger } from '@seguridad-abc/platform';

/** Delay between two attempts to compose the first supergraph. */
const START_RETRY_DELAY_MS = 500;
/** A longer problem is cut off in the readiness of the gateway. The log has all of it. */
const MAX_PROBLEM_LENGTH = 300;

export interface SupergraphIntrospectionOptions {
  readonly subgraphs: readonly { readonly name: string; readonly url: string }[];
  /** Headers of the requests for the subgraphs' schemas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly pollIntervalMs: number;
  readonly logger: Logger;
}

/** Composes the running subgraphs. */
export interface SupergraphIntrospection extends SupergraphManager {
  /**
   * Why the served supergraph may be outdated: one clause without URLs. `undefined` while it is current. It may contain names
   * of types and fields, so that only processes of this installation may read it.
   */
  readonly problem: string | undefined;
  /** Stops composing. A pending `initialize` rejects. */
  stop(): void;
}

/**
 * Creates a supergraph manager that composes the schemas of the running subgraphs with `IntrospectAndCompose` of
 * @apollo/gateway, and asks for them again at an interval. Until the first composition succeeds it tries again. Later, a
 * subgraph that does not answer and schemas that do not compose change nothing.
 *
 * `IntrospectAndCompose` caches the schemas of a failed attempt, and can then miss a change. So a new instance follows each
 * failure.
 */
export function createSupergraphIntrospection(
  options: SupergraphIntrospectionOptions,
): SupergraphIntrospection {
  const { subgraphs, headers, pollIntervalMs, logger } = options;
  const stopped = new AbortController();
  const stop = new Promise<void>((resolve) => {
    stopped.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  let problem: string | undefined = 'waits for the subgraphs';
  let isFirst = true;

  const reportProblem = (error: unknown) => {
    if (stopped.signal.aborted) return;
    const description = describeProblem(error);
    if (description === problem) return;
    problem = description;
    logger.warn(
      { error: removeMessagePrefix(getErrorMessage(error)) },
      isFirst
        ? 'the subgraphs cannot be composed yet; the gateway tries again until they can'
        : 'the subgraphs cannot be composed; the previous supergraph is still served',
    );
  };
  const reportSuccess = () => {
    if (problem !== undefined) logger.info('the supergraph of the running subgraphs is served');
    problem = undefined;
    isFirst = false;
  };

  /**
   * Composes once, serves the result, and polls.
   * @throws Error if composing, serving or a later poll fails
   */
  const serveUntilFailure = async (
    { healthCheck, getDataSource, update }: SupergraphSdlHookOptions,
    onServed: (supergraphSdl: string) => void,
  ): Promise<void> => {
    const { IntrospectAndCompose } = await import('@apollo/gateway');
    let fail: (error: Error) => void = () => undefined;
    const failure = new Promise<never>((_resolve, reject) => (fail = reject));
    // A failure of the first attempt is thrown by `initialize` as well.
    failure.catch(() => undefined);
    const ignore = () => undefined;
    const introspection = new IntrospectAndCompose({
      subgraphs: [...subgraphs],
      introspectionHeaders: { ...headers },
      pollIntervalInMs: pollIntervalMs,
      subgraphHealthCheck: false,
      // It reports failures of polls to its logger only.
      logger: {
        debug: ignore,
        info: ignore,
        warn: ignore,
        error: (message) => fail(new Error(String(message))),
      },
    });
    const { supergraphSdl, cleanup } = await introspection.initialize({
      healthCheck,
      getDataSource,
      update(updatedSdl) {
        update(updatedSdl);
        logger.info('the changed supergraph of the running subgraphs is served');
      },
    });
    try {
      update(supergraphSdl);
      onServed(supergraphSdl);
      await Promise.race([failure, stop]);
    } finally {
      // Waits for a running poll, which may last as long as the time limit of a request.
      void cleanup();
    }
  };

  const run = async (hookOptions: SupergraphSdlHookOptions, onServed: (supergraphSdl: string) => void) => {
    const dataSources = new Map<string, ApolloDataSource>();
    let rejected: { readonly supergraphSdl: string; readonly error: unknown } | undefined;
    const sharedOptions: SupergraphSdlHookOptions = {
      healthCheck: hookOptions.healthCheck,
      getDataSource(subgraph) {
        const dataSource = dataSources.get(subgraph.name) ?? hookOptions.getDataSource(subgraph);
        dataSources.set(subgraph.name, dataSource);
        return dataSource;
      },
      update(supergraphSdl) {
        // The executor has logged why.
        if (rejected?.supergraphSdl === supergraphSdl) throw rejected.error;
        try {
          hookOptions.update(supergraphSdl);
        } catch (error) {
          rejected = { supergraphSdl, error };
          throw error;
        }
      },
    };
    while (!stopped.signal.aborted) {
      try {
        await serveUntilFailure(sharedOptions, (supergraphSdl) => {
          reportSuccess();
          onServed(supergraphSdl);
        });
      } catch (error) {
        reportProblem(error);
      }
      const delayMs = isFirst ? START_RETRY_DELAY_MS : pollIntervalMs;
      await sleep(delayMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };

  return {
    get problem() {
      return problem;
    },
    stop: () => stopped.abort(),
    initialize: (hookOptions) =>
      new Promise((resolve, reject) => {
        const cleanup = () => {
          stopped.abort();
          return stop;
        };
        void run(hookOptions, (supergraphSdl) => resolve({ supergraphSdl, cleanup }));
        // After `resolve`, this has no effect.
        void stop.then(() => reject(new Error('The gateway was stopped before it had a supergraph.')));
      }),
  };
}

/** Removes what `IntrospectAndCompose` adds to the message of a failed poll. */
const removeMessagePrefix = (message: string): string =>
  message.replace(/^IntrospectAndCompose failed to update supergraph with the following error: /, '');

/** Removes URLs too. The log has them. */
const describeProblem = (error: unknown): string =>
  removeMessagePrefix(getErrorMessage(error))
    .replaceAll(/ at https?:\/\/\S+?(?=:? |:?$)/g, '')
    .replaceAll(/\s+/g, ' ')
    .slice(0, MAX_PROBLEM_LENGTH);
