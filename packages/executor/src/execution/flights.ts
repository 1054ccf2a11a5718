import type { DataSource, FetchContext, SentHeaders, SourceContext } from '../fetching/data-source.js';
import { failureError } from '../fetching/failure.js';
import type { SubgraphAnswer } from '../fetching/read-answer.js';
import { createAborter, type Aborter, type Signal } from '../fetching/signal.js';
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
  readonly signal: Signal | undefined;
  /** Called when the signal ends. */
  readonly leave: () => void;
}

/** What is asked, by all who wait. */
interface Errand {
  readonly dataSource: DataSource;
  readonly request: SubgraphRequest;
  readonly headers: SentHeaders | undefined;
}

interface Flight extends Errand {
  readonly aborter: Aborter;
  readonly waiting: Waiting[];
}

export function createFlights(): Flights {
  /** By the text of their variables. */
  let flying = new Map<string, Flight[]>();
  /** What is asked after a mutation does not wait for what was asked before it: it would not see its effect. */
  const forget = () => void (flying = new Map());

  const mutate = async ({ dataSource, request, headers }: Errand, context: FetchContext) => {
    forget();
    try {
      // Not cut off when its caller leaves: nobody could tell whether it was done.
      return await dataSource.fetch(request, sourceContext(context, headers, createAborter()));
    } finally {
      forget();
    }
  };

  const land = (flight: Flight) => {
    const { variables } = flight.request;
    const others = flying.get(variables);
    if (others?.length === 1 && others[0] === flight) flying.delete(variables);
    else if (others?.includes(flight)) others.splice(others.indexOf(flight), 1);
  };

  const begin = (errand: Errand, context: FetchContext): Flight => {
    const { dataSource, request, headers } = errand;
    const flight: Flight = { ...errand, aborter: createAborter(), waiting: [] };
    const others = flying.get(request.variables);
    if (others) others.push(flight);
    else flying.set(request.variables, [flight]);
    dataSource.fetch(request, sourceContext(context, headers, flight.aborter)).then(
      (answer) => {
        land(flight);
        // Copied before anyone can change it.
        const answers = flight.waiting.map((_, index) => (index === 0 ? answer : copyOf(answer)));
        for (const { resolve, signal, leave } of flight.waiting) {
          signal?.removeEventListener('abort', leave);
          resolve(answers.pop() ?? answer);
        }
      },
      (error: unknown) => {
        land(flight);
        const cause = error instanceof Error ? error : new Error('A data source failed.', { cause: error });
        for (const { reject, signal, leave } of flight.waiting) {
          signal?.removeEventListener('abort', leave);
          reject(cause);
        }
      },
    );
    return flight;
  };

  return {
    fetch(dataSource, service, request, context) {
      const { signal } = context;
      if (signal?.aborted === true) return Promise.resolve(cancelled(service));
      const errand = { dataSource, request, headers: context.headers?.() };
      if (request.operation.kind === 'mutation') return mutate(errand, context);
      const known = flying.get(request.variables)?.find((each) => isSame(each, errand));
      const flight = known ?? begin(errand, context);
      const { waiting } = flight;
      return new Promise((resolve, reject) => {
        const leave = () => {
          waiting.splice(waiting.indexOf(mine), 1);
          if (waiting.length === 0) {
            land(flight);
            flight.aborter.abort();
          }
          resolve(cancelled(service));
        };
        const mine: Waiting = { resolve, reject, signal, leave };
        signal?.addEventListener('abort', leave);
        waiting.push(mine);
      });
    },
  };
}

const isSame = (a: Errand, b: Errand): boolean =>
  a.dataSource === b.dataSource &&
  a.request.operation.members === b.request.operation.members &&
  haveSame(a.headers, b.headers);

function haveSame(a: SentHeaders = {}, b: SentHeaders = {}): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

const sourceContext = (
  { traceHeaders, logger }: FetchContext,
  headers: SentHeaders | undefined,
  aborter: Aborter,
): SourceContext => ({
  headers,
  traceHeaders: traceHeaders?.(),
  logger,
  signal: aborter.signal,
  get abortSignal() {
    return aborter.abortSignal;
  },
});

const cancelled = (service: string): SubgraphAnswer => ({
  data: null,
  errors: [failureError(service, { kind: 'cancelled' })],
});
