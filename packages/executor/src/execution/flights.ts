import type { DataSource, FetchContext } from '../fetching/data-source.js';
import { failureError } from '../fetching/failure.js';
import type { SubgraphAnswer } from '../fetching/read-answer.js';
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

interface Flight {
  waiting: number;
  readonly controller: AbortController;
  /** An answer for each that waits. */
  readonly landed: Promise<SubgraphAnswer[]>;
}

export function createFlights(): Flights {
  const flying = new WeakMap<DataSource, Map<string, Flight>>();
  /** What is asked after a mutation does not wait for what was asked before it: it would not see its effect. */
  let mutations = 0;

  const mutate = async (dataSource: DataSource, request: SubgraphRequest, context: FetchContext) => {
    mutations++;
    try {
      return await dataSource.fetch(request, context);
    } finally {
      mutations++;
    }
  };

  const begin = (dataSource: DataSource, request: SubgraphRequest, context: FetchContext, key: string) => {
    const controller = new AbortController();
    const flights = flying.get(dataSource) ?? new Map<string, Flight>();
    flying.set(dataSource, flights);
    const land = () => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    controller.signal.addEventListener('abort', land);
    const flight: Flight = {
      waiting: 0,
      controller,
      landed: dataSource.fetch(request, { ...context, signal: controller.signal }).then(
        (answer) => {
          land();
          return [answer, ...Array.from({ length: flight.waiting - 1 }, () => copyOf(answer))];
        },
        (error: unknown) => {
          land();
          throw error;
        },
      ),
    };
    flights.set(key, flight);
    return flight;
  };

  return {
    async fetch(dataSource, service, request, context) {
      if (context.signal?.aborted === true) return cancelled(service);
      if (request.operation.kind === 'mutation') return mutate(dataSource, request, context);
      const headers = context.headers?.();
      const key = `${mutations}\n${headers ? JSON.stringify(headers) : ''}\n${request.operation.members}\n${request.variables}`;
      const flight = flying.get(dataSource)?.get(key) ?? begin(dataSource, request, context, key);
      return (await join(flight, context.signal)) ?? cancelled(service);
    },
  };
}

/** @returns undefined where the signal ended first */
function join(flight: Flight, signal: AbortSignal | undefined): Promise<SubgraphAnswer | undefined> {
  flight.waiting++;
  const take = (answers: SubgraphAnswer[]) => answers.pop();
  if (!signal) return flight.landed.then(take);
  return new Promise((resolve, reject) => {
    const leave = () => {
      flight.waiting--;
      if (flight.waiting === 0) flight.controller.abort();
      resolve(undefined);
    };
    signal.addEventListener('abort', leave, { once: true });
    flight.landed
      .finally(() => signal.removeEventListener('abort', leave))
      .then((answers) => {
        if (!signal.aborted) resolve(take(answers));
      }, reject);
  });
}

const cancelled = (service: string): SubgraphAnswer => ({
  data: null,
  errors: [failureError(service, { kind: 'cancelled' })],
});
