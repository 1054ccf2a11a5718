import type {
  DataSource,
  OperationContext,
  ForwardedHeaders,
  SubgraphFetchContext,
} from '../data-sources/data-source.js';
import { failureError } from '../data-sources/fetch-failure.js';
import type { SubgraphResponse } from '../data-sources/subgraph-response.js';
import { createLightAbortController, type AbortSignalLike } from '../data-sources/light-abort-signal.js';
import type { SubgraphRequest } from '../data-sources/subgraph-request.js';
import { copyOf } from '../shared/json.js';

/** Fetches that are under way. Who asks the same as one of them, with the same headers, waits for that one. */
export interface InFlightRequests {
  /** Ends early where the context's signal does; the fetch itself goes on as long as others wait for it. */
  fetch(
    dataSource: DataSource,
    service: string,
    request: SubgraphRequest,
    context: OperationContext,
  ): Promise<SubgraphResponse>;
}

interface Waiting {
  readonly resolve: (answer: SubgraphResponse) => void;
  readonly reject: (error: Error) => void;
  readonly signal: AbortSignalLike | undefined;
  /** Called when the signal ends. */
  readonly leave: () => void;
}

/** What is asked, as the data source is given it, and who waits for it. */
class Flight implements SubgraphFetchContext {
  readonly waiting: Waiting[] = [];
  readonly traceHeaders: ForwardedHeaders | undefined;
  readonly logger: OperationContext['logger'];
  private readonly aborter = createLightAbortController();

  constructor(
    readonly dataSource: DataSource,
    readonly request: SubgraphRequest,
    readonly headers: ForwardedHeaders | undefined,
    context: OperationContext,
    /** Mutations that had begun or ended before it. */
    readonly mutations: number,
  ) {
    this.traceHeaders = context.traceHeaders?.();
    this.logger = context.logger;
  }

  get signal(): AbortSignalLike {
    return this.aborter.signal;
  }

  get abortSignal(): AbortSignal {
    return this.aborter.abortSignal;
  }

  begin(): Promise<SubgraphResponse> {
    return this.dataSource.fetch(this.request, this);
  }

  end(): void {
    this.aborter.abort();
  }

  /** Whoever waits is taken off: what is left of a flight that has landed holds nothing of them. */
  land(): Waiting[] {
    const landed = this.waiting.splice(0);
    for (const { signal, leave } of landed) signal?.removeEventListener('abort', leave);
    return landed;
  }
}

/**
 * Flights, by what is asked. Not in a Map: the tables that it leaves behind as it goes on point to one another, so that all
 * that was ever in them lives until the next collection of everything.
 */
const BUCKETS = 256;

export function createInFlightRequests(): InFlightRequests {
  const flying: Flight[][] = Array.from({ length: BUCKETS }, () => []);
  /** What is asked after a mutation does not wait for what was asked before it: it would not see its effect. */
  let mutations = 0;

  const mutate = async (flight: Flight) => {
    mutations++;
    try {
      // Not cut off when its caller leaves: nobody could tell whether it was done.
      return await flight.begin();
    } finally {
      mutations++;
    }
  };

  const takeOut = (flight: Flight, bucket: Flight[]) => {
    const index = bucket.indexOf(flight);
    if (index >= 0) bucket.splice(index, 1);
  };

  const begin = (flight: Flight, bucket: Flight[]): Flight => {
    bucket.push(flight);
    flight.begin().then(
      (answer) => {
        takeOut(flight, bucket);
        const landed = flight.land();
        // Copied before anyone can change it.
        const answers = landed.map((_, index) => (index === 0 ? answer : copyOf(answer)));
        for (const { resolve } of landed) resolve(answers.pop() ?? answer);
      },
      (error: unknown) => {
        takeOut(flight, bucket);
        const cause = error instanceof Error ? error : new Error('A data source failed.', { cause: error });
        for (const { reject } of flight.land()) reject(cause);
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
        return mutate(new Flight(dataSource, request, headers, context, mutations));
      }
      const bucket = flying[bucketOf(request, headers)] ?? [];
      const isSame = (flight: Flight) =>
        flight.mutations === mutations &&
        flight.dataSource === dataSource &&
        flight.request.variables === request.variables &&
        flight.request.operation.bodyMembers === request.operation.bodyMembers &&
        haveSame(flight.headers, headers);
      const flight =
        bucket.find(isSame) ?? begin(new Flight(dataSource, request, headers, context, mutations), bucket);
      return new Promise((resolve, reject) => {
        const { waiting } = flight;
        const leave = () => {
          waiting.splice(waiting.indexOf(mine), 1);
          if (waiting.length === 0) {
            takeOut(flight, bucket);
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

/** Another one, mostly, for what asks for something else or for somebody else: that shows at the ends of texts. */
function bucketOf({ variables }: SubgraphRequest, headers: ForwardedHeaders = {}): number {
  let hash = ending(variables, 0);
  for (const name in headers) hash = ending(headers[name] ?? '', hash);
  return hash % BUCKETS;
}

const ENDING = 12;

function ending(text: string, hash: number): number {
  let result = hash + text.length;
  for (let index = Math.max(0, text.length - ENDING); index < text.length; index++) {
    result = (result * 31 + text.charCodeAt(index)) >>> 0;
  }
  return result;
}

function haveSame(a: ForwardedHeaders = {}, b: ForwardedHeaders = {}): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

const cancelled = (service: string): SubgraphResponse => ({
  data: null,
  errors: [failureError(service, { kind: 'cancelled' })],
});
