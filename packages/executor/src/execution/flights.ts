import type { DataSource, FetchContext, SourceContext } from '../fetching/data-source.js';
import { failureError } from '../fetching/failure.js';
import type { SubgraphAnswer } from '../fetching/read-answer.js';
import { createAborter, type Aborter } from '../fetching/signal.js';
import type { SubgraphRequest } from '../fetching/subgraph-request.js';
import { copyOf } from './copy.js';

/** Fetches that are under way. Who asks the same as one of them, with the same headers, waits for that one. */
export interface Flights {
  /** Ends early where the context's signal does; the fetch itself goes on as long as others wait for it. */
  fetch(
    dataSource: DataSource,
    service: string,
    request: SubgraphRequest,
    context: FetchContext,
  ): Promise<SubgraphAnswer>;
}

interface Waiting {
  readonly resolve: (answer: SubgraphAnswer) => void;
  readonly reject: (error: Error) => void;
}

interface Flight {
  readonly waiting: Set<Waiting>;
  readonly end: () => void;
}

export function createFlights(): Flights {
  const flying = new WeakMap<DataSource, Map<string, Flight>>();
  /** What is asked after a mutation does not wait for what was asked before it: it would not see its effect. */
  let mutations = 0;

  const mutate = async (dataSource: DataSource, request: SubgraphRequest, context: FetchContext) => {
    mutations++;
    try {
      // Not cut off when its caller leaves: nobody could tell whether it was done.
      return await dataSource.fetch(request, sourceContext(context, createAborter()));
    } finally {
      mutations++;
    }
  };

  const begin = (dataSource: DataSource, request: SubgraphRequest, context: FetchContext, key: string) => {
    const flights = flying.get(dataSource) ?? new Map<string, Flight>();
    flying.set(dataSource, flights);
    const aborter = createAborter();
    const waiting = new Set<Waiting>();
    const land = () => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    const flight: Flight = {
      waiting,
      end() {
        land();
        aborter.abort();
      },
    };
    flights.set(key, flight);
    dataSource.fetch(request, sourceContext(context, aborter)).then(
      (answer) => {
        land();
        // Copied before anyone can change it.
        const answers = [...waiting].map((_, index) => (index === 0 ? answer : copyOf(answer)));
        for (const { resolve } of waiting) resolve(answers.pop() ?? answer);
      },
      (error: unknown) => {
        land();
        const cause = error instanceof Error ? error : new Error('A data source failed.', { cause: error });
        for (const { reject } of waiting) reject(cause);
      },
    );
    return flight;
  };

  return {
    fetch(dataSource, service, request, context) {
      const { signal } = context;
      if (signal?.aborted === true) return Promise.resolve(cancelled(service));
      if (request.operation.kind === 'mutation') return mutate(dataSource, request, context);
      const headers = context.headers?.();
      const caller = headers ? JSON.stringify(headers) : '';
      const key = `${mutations}\n${caller}\n${request.operation.members}\n${request.variables}`;
      const flight = flying.get(dataSource)?.get(key) ?? begin(dataSource, request, context, key);
      return new Promise((resolve, reject) => {
        if (!signal) {
          flight.waiting.add({ resolve, reject });
          return;
        }
        const leave = () => {
          flight.waiting.delete(waiting);
          if (flight.waiting.size === 0) flight.end();
          resolve(cancelled(service));
        };
        const waiting: Waiting = {
          resolve(answer) {
            signal.removeEventListener('abort', leave);
            resolve(answer);
          },
          reject(error) {
            signal.removeEventListener('abort', leave);
            reject(error);
          },
        };
        signal.addEventListener('abort', leave);
        flight.waiting.add(waiting);
      });
    },
  };
}

const sourceContext = ({ headers, traceHeaders }: FetchContext, aborter: Aborter): SourceContext => ({
  headers,
  traceHeaders,
  signal: aborter.signal,
  get abortSignal() {
    return aborter.abortSignal;
  },
});

const cancelled = (service: string): SubgraphAnswer => ({
  data: null,
  errors: [failureError(service, { kind: 'cancelled' })],
});
