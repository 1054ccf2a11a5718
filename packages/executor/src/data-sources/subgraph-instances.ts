import type { SecureContext } from 'node:tls';
import type { StructuredLogger } from '../shared/logger.js';
import {
  createCircuitBreaker,
  type CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitBreakerState,
} from './circuit-breaker.js';
import type { FetchFailure, SubgraphInstanceStatus } from './data-source.js';
import { createHttpClient, type HttpClient, type HttpClientOptions } from './http-client.js';
import { createInstanceCheck, type InstanceCheckOptions } from './instance-check.js';
import { createInstanceHealth, type InstanceState } from './instance-health.js';

/** One instance of a subgraph, or a balancer in front of several. */
export interface SubgraphInstance {
  readonly url: string;
  readonly client: HttpClient;
  readonly circuitBreaker: CircuitBreaker;
  readonly state: InstanceState;
  /** Requests that are sent and not answered. */
  runningCount: number;
  /** Subscriptions that are open. */
  subscriptionCount: number;
  /** Functions that end what can be started again at another instance. All are called when the instance is silent. */
  readonly running: Set<(failure: FetchFailure) => void>;
  /** Called when a connection to the instance has failed. */
  reportFailedConnection(): void;
  close(): Promise<void>;
}

export interface SubgraphInstanceOptions {
  /** The name of the subgraph in messages. */
  readonly name: string;
  readonly logger: StructuredLogger;
  readonly http: HttpClientOptions;
  readonly circuitBreaker: CircuitBreakerOptions | undefined;
  readonly checks: InstanceCheckOptions;
  /** Whether the subgraph has other instances. A single one is not checked: there is no choice. */
  readonly hasPeers: boolean;
  readonly secureContext: SecureContext | undefined;
}

const SILENT: FetchFailure = {
  kind: 'unreachable',
  cause: new Error('The instance does not answer its checks.'),
};

/** Default of `intervalMs` of the checks. */
const CHECK_INTERVAL_MS = 1_000;

/** Creates an instance, which is available at first. */
export function createSubgraphInstance(endpoint: URL, options: SubgraphInstanceOptions): SubgraphInstance {
  const { name, logger, http, hasPeers, checks, secureContext } = options;
  const url = endpoint.href;
  const client = createHttpClient(endpoint, {
    ...http,
    secureContext,
    onRedirect(path) {
      logger.warn(
        { service: name, url, path },
        'a subgraph redirects all requests; set its URL to the new address',
      );
    },
  });
  const circuitBreaker = createCircuitBreaker({
    ...options.circuitBreaker,
    onChange(state) {
      const level = state === 'closed' ? 'info' : 'warn';
      logger[level]({ service: name, url, state }, 'circuit breaker of a subgraph changed its state');
      options.circuitBreaker?.onChange?.(state);
    },
  });
  const running = new Set<(failure: FetchFailure) => void>();
  const check = hasPeers ? createInstanceCheck(endpoint, checks, secureContext) : undefined;
  const health =
    check &&
    createInstanceHealth({
      check: () => check.run(),
      intervalMs: checks.path === undefined ? undefined : (checks.intervalMs ?? CHECK_INTERVAL_MS),
      onChange(state) {
        const level = state === 'available' ? 'info' : 'warn';
        logger[level]({ service: name, url, state }, 'an instance of a subgraph changed its state');
        if (state === 'available') circuitBreaker.reset();
        if (state === 'silent') for (const end of [...running]) end(SILENT);
      },
    });
  return {
    url,
    client,
    circuitBreaker,
    get state() {
      return health?.state ?? 'available';
    },
    runningCount: 0,
    subscriptionCount: 0,
    running,
    reportFailedConnection: () => health?.reportFailedConnection(),
    async close() {
      health?.close();
      await check?.close();
      await client.close();
    },
  };
}

/** What the choice of an instance depends on. */
type InstanceChoice = Pick<SubgraphInstance, 'state' | 'runningCount' | 'subscriptionCount'> & {
  readonly circuitBreaker: Pick<CircuitBreaker, 'mayEnter'>;
};

/** The lower, the better. Instances of the same rank share the requests. */
const STATE_RANKS = { available: 0, 'not-ready': 1, silent: 2, refused: 2 } as const satisfies Record<
  InstanceState,
  number
>;
const OPEN_CIRCUIT_RANK = 3;
/** An instance that has failed a request gets it again only if there is no other one. */
const TRIED_RANK = 4;

/** Whether an instance gets new requests while others do. */
export const isInService = ({ state, circuitBreaker }: InstanceChoice): boolean =>
  state === 'available' && circuitBreaker.mayEnter;

const getRank = (instance: InstanceChoice, isTried: boolean): number =>
  (isTried ? TRIED_RANK : 0) +
  (instance.circuitBreaker.mayEnter ? STATE_RANKS[instance.state] : OPEN_CIRCUIT_RANK);

/**
 * Creates the function that chooses the instance of a request: one that is in service and has not failed the request, with the least
 * running requests. If there is none, the least bad one: a request is never refused only because of checks.
 * @param countLoad what an instance does now
 */
export function createInstanceSelector<Instance extends InstanceChoice>(
  instances: readonly [Instance, ...Instance[]],
  countLoad: (instance: Instance) => number,
): (tried: ReadonlySet<Instance> | undefined) => Instance {
  let turn = 0;
  const [first] = instances;
  if (instances.length === 1) return () => first;
  return (tried) => {
    // Instances with the same load take turns.
    turn = (turn + 1) % instances.length;
    let best = first;
    let bestRank = Infinity;
    let bestLoad = Infinity;
    for (let index = 0; index < instances.length; index++) {
      const instance = instances[(turn + index) % instances.length] ?? first;
      const rank = getRank(instance, tried?.has(instance) === true);
      const load = countLoad(instance);
      if (rank > bestRank || (rank === bestRank && load >= bestLoad)) continue;
      best = instance;
      bestRank = rank;
      bestLoad = load;
    }
    return best;
  };
}

/** The state of the circuit breakers of a subgraph: closed if one of them is. */
export function combineCircuitBreakerStates(states: readonly CircuitBreakerState[]): CircuitBreakerState {
  if (states.includes('closed')) return 'closed';
  return states.includes('half-open') ? 'half-open' : 'open';
}

export const describeInstance = ({
  url,
  state,
  circuitBreaker,
  runningCount,
  subscriptionCount,
}: SubgraphInstance): SubgraphInstanceStatus => ({
  url,
  state,
  circuitBreakerState: circuitBreaker.state,
  runningRequests: runningCount,
  subscriptions: subscriptionCount,
});
