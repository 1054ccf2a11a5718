import { selectLogger, type StructuredLogger } from '../shared/logger.js';
import {
  createFetchFailureError,
  SubgraphSubscriptionError,
  type DataSource,
  type FetchFailure,
  type SubgraphRequest,
  type SubgraphResponse,
  type SubgraphSubscriptionContext,
} from './data-source.js';
import { createGraphQLWsStreams } from './graphql-ws-stream.js';
import { createTrustingContext } from './http-client.js';
import { reconnectStream, type ReconnectOptions } from './reconnecting-stream.js';
import { createSseStreams } from './sse-stream.js';
import { createInstanceSelector, type SubgraphInstance } from './subgraph-instances.js';
import { SubscriptionFailure } from './subscription-failure.js';
import type { OpenSubscriptionStream, SubscriptionStart, SubscriptionTarget } from './subscription-stream.js';

/** How a data source subscribes at its subgraph. An interrupted subscription is started again, see the times of its base. */
export interface SubgraphSubscriptionOptions extends ReconnectOptions {
  /** `graphql-ws`: the WebSocket sub-protocol graphql-transport-ws. `sse`: server-sent events, one request for each subscription. */
  readonly protocol: 'graphql-ws' | 'sse';
  /**
   * Absolute URL for subscriptions: with `ws` or `wss` for `graphql-ws`, with `http` or `https` for `sse`. @default the URLs of the
   * subgraph's instances, of which each serves a part of the subscriptions
   */
  readonly url?: string;
  /** Maximum number of subscriptions that run at the subgraph at the same time. @default 10_000 */
  readonly maxSubscriptions?: number;
  /** Maximum size of a message with one event, in bytes. A larger one ends the subscription. @default 1_048_576 // 1 MiB */
  readonly maxMessageBytes?: number;
  /** Time limit in milliseconds until the subgraph is ready to send events. @default 10_000 */
  readonly connectTimeoutMs?: number;
}

/** The subscriptions of one data source. */
export interface SubgraphSubscriptions {
  readonly subscribe: NonNullable<DataSource['subscribe']>;
  /** Ends all subscriptions. */
  close(): Promise<void>;
}

/** What the subscriptions have in common with the requests of their data source. */
export interface SubgraphConnection {
  /** The name of the subgraph in messages. */
  readonly name: string;
  /** The URL for requests. */
  readonly url: string | readonly string[];
  /** Empty if a URL for requests is not valid. */
  readonly instances: readonly SubgraphInstance[];
  readonly certificateAuthorities?: readonly string[];
  readonly logger: StructuredLogger;
}

const SCHEMES = {
  'graphql-ws': ['ws:', 'wss:'],
  sse: ['http:', 'https:'],
} as const satisfies Record<SubgraphSubscriptionOptions['protocol'], readonly string[]>;

/** @returns undefined if the subgraph has no valid URL for the protocol */
export function parseSubscriptionUrl(
  { protocol, url }: Pick<SubgraphSubscriptionOptions, 'protocol' | 'url'>,
  subgraphUrl: string,
): URL | undefined {
  const text = url ?? (protocol === 'sse' ? subgraphUrl : subgraphUrl.replace(/^http/i, 'ws'));
  if (!URL.canParse(text)) return undefined;
  const parsed = new URL(text);
  const schemes: readonly string[] = SCHEMES[protocol];
  return schemes.includes(parsed.protocol) ? parsed : undefined;
}

/** Starts subscriptions at one URL. */
interface SubscriptionOrigin {
  readonly open: OpenSubscriptionStream;
  readonly close: () => Promise<void>;
}

/** Where the subscriptions of a data source are started. */
interface SubscriptionOrigins {
  /** Returns the function that starts one subscription, also after interruptions. */
  createOpen(): OpenSubscriptionStream;
  close(): Promise<void>;
}

/** Creates the subscriptions of a data source. */
export function createSubgraphSubscriptions(
  { name, url: urls, instances, certificateAuthorities = [], logger }: SubgraphConnection,
  options: SubgraphSubscriptionOptions,
): SubgraphSubscriptions {
  const { protocol, maxSubscriptions = 10_000 } = options;
  const url = parseSubscriptionUrl(options, instances[0]?.url ?? String(urls));
  if (!url) return rejectSubscriptions(name, { kind: 'invalid-url', url: options.url ?? String(urls) });
  const createOrigin = (originUrl: URL): SubscriptionOrigin => {
    const target: SubscriptionTarget = {
      name,
      url: originUrl,
      secureContext: createTrustingContext(originUrl, certificateAuthorities),
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
      maxMessageBytes: options.maxMessageBytes ?? 1_048_576,
    };
    return protocol === 'sse'
      ? createSseStreams(target)
      : { open: createGraphQLWsStreams(target), close: () => Promise.resolve() };
  };
  const [firstInstance, ...otherInstances] = options.url === undefined ? instances : [];
  const origins =
    firstInstance && otherInstances.length > 0
      ? createInstanceOrigins([firstInstance, ...otherInstances], (instance) =>
          createOrigin(parseSubscriptionUrl(options, instance.url) ?? url),
        )
      : createSingleOrigin(createOrigin(url));
  const details = { service: name, url: url.href };
  const running = new Set<AbortController>();
  /** The interruption of many subscriptions is logged once. */
  let isInterrupted = false;

  /** @throws SubgraphSubscriptionError */
  const fail = (failure: FetchFailure, { logger: contextLogger }: SubgraphSubscriptionContext): never => {
    const selected = selectLogger({ logger: contextLogger }, logger);
    selected.warn({ ...details, ...failure }, 'a subscription at a subgraph has ended with an error');
    throw new SubgraphSubscriptionError([createFetchFailureError(name, failure)]);
  };

  async function* subscribe(
    { operation, variables }: SubgraphRequest,
    context: SubgraphSubscriptionContext,
  ): AsyncGenerator<SubgraphResponse, void> {
    if (running.size >= maxSubscriptions) fail({ kind: 'too-many-subscriptions', maxSubscriptions }, context);
    const controller = new AbortController();
    const { signal } = controller;
    const leave = () => controller.abort();
    running.add(controller);
    context.signal.addEventListener('abort', leave);
    if (context.signal.aborted) leave();
    const open = origins.createOpen();
    const start = {
      body: `{${operation.bodyMembers},"variables":${variables}}`,
      progress: { lastEventId: '' },
      signal,
    };
    try {
      yield* reconnectStream(
        (onConnected) => {
          const headers = context.headers?.() ?? {};
          return open({
            ...start,
            headers,
            traceHeaders: context.traceHeaders?.() ?? {},
            onConnected,
          });
        },
        options,
        {
          onInterrupted({ failure }) {
            if (isInterrupted) return;
            isInterrupted = true;
            logger.warn(
              { ...details, ...failure },
              'subscriptions at a subgraph are interrupted; they are started again',
            );
          },
          onConnected() {
            if (isInterrupted) logger.info(details, 'subscriptions at a subgraph are started again');
            isInterrupted = false;
          },
        },
        signal,
      );
    } catch (error) {
      if (!(error instanceof SubscriptionFailure)) throw error;
      fail(error.failure, context);
    } finally {
      running.delete(controller);
      context.signal.removeEventListener('abort', leave);
    }
  }

  return {
    subscribe,
    async close() {
      for (const controller of running) controller.abort();
      await origins.close();
    },
  };
}

/**
 * Starts each subscription at the instance with the fewest of them, and an interrupted one at another instance than before.
 * @param createOrigin creates the origin of an instance
 */
function createInstanceOrigins(
  instances: readonly [SubgraphInstance, ...SubgraphInstance[]],
  createOrigin: (instance: SubgraphInstance) => SubscriptionOrigin,
): SubscriptionOrigins {
  const origins = instances.map(createOrigin);
  const selectInstance = createInstanceSelector(instances, ({ subscriptionCount }) => subscriptionCount);
  return {
    createOpen() {
      let failed: ReadonlySet<SubgraphInstance> | undefined;
      return (start) => {
        const instance = selectInstance(failed);
        failed = new Set([instance]);
        const { open } = origins[instances.indexOf(instance)] ?? createOrigin(instance);
        return openAtInstance(instance, open, start);
      };
    },
    async close() {
      await Promise.all(origins.map((origin) => origin.close()));
    },
  };
}

const createSingleOrigin = ({ open, close }: SubscriptionOrigin): SubscriptionOrigins => ({
  createOpen: () => open,
  close,
});

/** Iterates over a stream of an instance. It is interrupted when the instance is silent. */
async function* openAtInstance(
  instance: SubgraphInstance,
  open: OpenSubscriptionStream,
  start: SubscriptionStart,
): AsyncGenerator<SubgraphResponse, void> {
  const controller = new AbortController();
  const leave = () => controller.abort();
  let interruption: FetchFailure | undefined;
  const interrupt = (failure: FetchFailure) => {
    interruption = failure;
    leave();
  };
  start.signal.addEventListener('abort', leave);
  if (start.signal.aborted) leave();
  instance.running.add(interrupt);
  instance.subscriptionCount += 1;
  try {
    yield* open({ ...start, signal: controller.signal });
    if (interruption) throw new SubscriptionFailure(interruption);
  } catch (error) {
    if (error instanceof SubscriptionFailure && error.failure.kind === 'unreachable')
      instance.reportFailedConnection();
    throw error;
  } finally {
    instance.subscriptionCount -= 1;
    instance.running.delete(interrupt);
    start.signal.removeEventListener('abort', leave);
  }
}

/** Subscriptions that all fail until the URL is corrected. */
function rejectSubscriptions(name: string, failure: FetchFailure): SubgraphSubscriptions {
  return {
    subscribe: () => {
      const error = new SubgraphSubscriptionError([createFetchFailureError(name, failure)]);
      return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
    },
    close: () => Promise.resolve(),
  };
}
