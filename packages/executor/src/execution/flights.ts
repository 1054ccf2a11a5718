import type { DataSource, FetchContext, SentHeaders, SourceContext } from '../fetching/data-source.js';
import { failureError } from '../fetching/failure.js';
import type { SubgraphAnswer } from '../fetching/read-answer.js';
import { createAborter, type Signal } from '../fetching/signal.js';
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

/** What is asked, as the data source is given it, and who waits for it. */
class Flight implements SourceContext {
  readonly waiting: Waiting[] = [];
  readonly traceHeaders: SentHeaders | undefined;
  readonly logger: FetchContext['logger'];
  private readonly aborter = createAborter();

  constructor(
    readonly dataSource: DataSource,
    readonly request: SubgraphRequest,
    readonly headers: SentHeaders | undefined,
    context: FetchContext,
  ) {
    this.traceHeaders = context.traceHeaders?.();
    this.logger = context.logger;
  }

  get signal(): Signal {
    return this.aborter.signal;
  }

  get abortSignal(): AbortSignal {
    return this.aborter.abortSignal;
  }

  begin(): Promise<SubgraphAnswer> {
    return this.dataSource.fetch(this.request, this);
  }

  end(): void {
    this.aborter.abort();
  }
}

export function createFlights(): Flights {
  /** By the text of their variables. */
  let flying = new Map<string, Flight[]>();
  /** What is asked after a mutation does not wait for what was asked before it: it would not see its effect. */
  const forget = () => void (flying = new Map());

  const mutate = async (flight: Flight) => {
    forget();
    try {
      // Not cut off when its caller leaves: nobody could tell whether it was done.
      return await flight.begin();
    } finally {
      forget();
    }
  };

  const land = (flight: Flight) => {
    const { variables } = flight.request;
    const all = flying.get(variables);
    if (!all?.includes(flight)) return;
    if (all.length === 1) flying.delete(variables);
    else all.splice(all.indexOf(flight), 1);
  };

  const begin = (flight: Flight): Flight => {
    const { variables } = flight.request;
    const others = flying.get(variables);
    if (others) others.push(flight);
    else flying.set(variables, [flight]);
    flight.begin().then(
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
      const headers = context.headers?.();
      if (request.operation.kind === 'mutation') {
        return mutate(new Flight(dataSource, request, headers, context));
      }
      const isSame = (flight: Flight) =>
        flight.dataSource === dataSource &&
        flight.request.operation.members === request.operation.members &&
        haveSame(flight.headers, headers);
      const known = flying.get(request.variables)?.find(isSame);
      const flight = known ?? begin(new Flight(dataSource, request, headers, context));
      const { waiting } = flight;
      return new Promise((resolve, reject) => {
        const leave = () => {
          waiting.splice(waiting.indexOf(mine), 1);
          if (waiting.length === 0) {
            land(flight);
            flight.end();
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

function haveSame(a: SentHeaders = {}, b: SentHeaders = {}): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

const cancelled = (service: string): SubgraphAnswer => ({
  data: null,
  errors: [failureError(service, { kind: 'cancelled' })],
});
