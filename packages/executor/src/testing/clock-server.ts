import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execute, GraphQLError } from 'graphql';
import type { OperationContext } from '../shared/operation-context.js';
import type { AbortSignalLike } from '../shared/light-abort-signal.js';
import {
  createEventQueue,
  createSourceEvent,
  type EventQueue,
} from '../subscriptions/subscription-source.js';
import type { GraphQLEngine, TransportHooks, ClientSession } from '../transports/shared/client-request.js';
import {
  createClientTransports,
  type ClientTransports,
  type ClientTransportsOptions,
} from '../transports/create-transports.js';
import { createTestFederation } from './test-federation.js';
import { createTestExecutor, silentLogger } from './test-executor.js';

export interface TestContext extends OperationContext {
  readonly signal: AbortSignalLike;
}

/** A running test server. */
export interface ClockServer {
  readonly url: string;
  readonly socketUrl: string;
  readonly transports: ClientTransports;
  /** Number of open sources of `ticked`. */
  readonly openSources: number;
  /** Sends an event to all subscribers of `ticked`. */
  pushTick(value: unknown): void;
  /** Ends all sources of `ticked`. */
  endTicks(): void;
  /** Ends all sources of `ticked` with an error. */
  failTicks(): void;
  /** Resolves when the field `slow` is executed. */
  waitForSlowField(): Promise<SlowFieldCall>;
  close(): Promise<void>;
}

/** A pending execution of the field `slow`. */
export interface SlowFieldCall {
  readonly signal: AbortSignalLike;
  readonly resolve: (value: number) => void;
}

export interface ClockServerOptions<S extends ClientSession> extends Partial<
  Omit<ClientTransportsOptions<TestContext, S>, 'engine' | 'hooks'>
> {
  readonly hooks: TransportHooks<TestContext, S>;
}

/** Hooks that accept every session and request. */
export const allowAllHooks: TransportHooks<TestContext, ClientSession> = {
  createSession: () => ({}),
  createContext: ({ signal }) => ({ signal }),
};

/** Starts an HTTP server on a free port with all transports and a small schema. */
export async function startClockServer<S extends ClientSession>(
  options: ClockServerOptions<S>,
): Promise<ClockServer> {
  const sources = new Set<EventQueue<unknown>>();
  const waiting: ((call: SlowFieldCall) => void)[] = [];
  const federation = createTestFederation({
    clock: {
      typeDefs: `
        scalar Big
        type Query { hello(name: String): String! slow: Int echo(value: Big, id: ID, float: Float): Big long: String }
        type Mutation { wind: Int }
        type Subscription { ticked: Int! counted(after: String): Int! unmapped: Int }
      `,
    },
  });
  const executor = createTestExecutor(federation, {
    ticked: {
      subscribe(_, { signal }) {
        const queue = createEventQueue({
          signal,
          capacity: 1_000,
          overflow: () => new GraphQLError('Too slow.'),
        });
        sources.add(queue);
        signal.addEventListener('abort', () => sources.delete(queue));
        return queue;
      },
    },
    // Counts to 3, and goes on after the cursor of a client.
    counted: {
      resumeArgument: 'after',
      dependsOnCaller: false,
      subscribe: (_, { signal }) =>
        createEventQueue({ signal, capacity: 1, overflow: () => new GraphQLError('Too slow.') }),
      async *backfill(_, { after = '0' }) {
        const events = [1, 2, 3]
          .filter((count) => count > Number(after))
          .map((count) => createSourceEvent({ value: count, cursor: String(count), position: count }));
        yield await Promise.resolve({ events, upTo: 3 });
      },
    },
  });
  const root = {
    echo: (args: Readonly<Record<string, unknown>>) => ({ ...args }),
    long: 'long '.repeat(1_000),
    hello: ({ name }: { name?: string }) => `Hello, ${name ?? 'you'}`,
    wind: () => 1,
    slow: (_: unknown, { signal }: TestContext) =>
      new Promise<number>((resolve) => waiting.shift()?.({ signal, resolve })),
  };
  const engine: GraphQLEngine<TestContext> = {
    operationLimits: executor.operationLimits,
    isKnown: (request) => executor.isKnown(request),
    prepare: (request, client) => executor.prepare(request, client),
    subscribe: (...call) => executor.subscribe(...call),
    async execute({ document, operation, variables }, contextValue) {
      const { data, errors } = await execute({
        schema: executor.schema,
        document,
        operationName: operation.name?.value,
        variableValues: variables,
        rootValue: root,
        contextValue,
      });
      return { ...(errors && { errors: errors.map((error) => error.toJSON()) }), data: data ?? null };
    },
    async *executeInParts(request, context) {
      const result = await engine.execute(request, context);
      yield { result, pending: [], completed: [], hasNext: false };
    },
  };
  const transports = createClientTransports({ logger: silentLogger, ...options, engine });
  const server = createServer(transports.handleRequest);
  server.on('upgrade', transports.handleUpgrade);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/graphql`,
    socketUrl: `ws://127.0.0.1:${port}/graphql`,
    transports,
    get openSources() {
      return sources.size;
    },
    pushTick: (value) => sources.forEach((source) => source.push(value)),
    endTicks: () => sources.forEach((source) => source.end()),
    failTicks: () => sources.forEach((source) => source.fail(new GraphQLError('Refused.'))),
    waitForSlowField: () => new Promise((resolve) => waiting.push(resolve)),
    async close() {
      await transports.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
