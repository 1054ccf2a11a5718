import { Failure } from '../../failure.mjs';

/**
 * Subscribes, and keeps what comes.
 *
 * @template Data
 * @param {import('graphql-ws').Client} client
 * @param {import('graphql-ws').SubscribePayload} operation
 * @param {(data: Data) => void} onData told everything that comes
 */
export function watch(client, operation, onData) {
  /** @type {Set<() => void>} */
  const checks = new Set();
  /** @type {(failure: Failure) => void} */
  let fail;
  const failed = new Promise((/** @type {(value: never) => void} */ _resolve, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);

  /** @type {import('graphql-ws').Sink<import('graphql-ws').FormattedExecutionResult<Data>>} */
  const sink = {
    next({ data, errors }) {
      if (errors) fail(new Failure(`The subscription brings an error: ${JSON.stringify(errors)}.`));
      if (!data) return;
      onData(data);
      for (const check of checks) check();
    },
    error: (error) => fail(new Failure(`The subscription ended: ${JSON.stringify(error)}.`)),
    complete: () => fail(new Failure('The subscription ended.')),
  };
  const end = client.subscribe(operation, sink);

  return {
    end,
    /**
     * Resolves when this holds, now or after something that comes.
     *
     * @type {(test: () => boolean) => Promise<void>} rejects where the subscription ends
     */
    until: (test) => {
      const reached = new Promise((/** @type {(nothing: void) => void} */ resolve) => {
        const check = () => {
          if (!test()) return;
          checks.delete(check);
          resolve();
        };
        checks.add(check);
        check();
      });
      return Promise.race([reached, failed]);
    },
  };
}
