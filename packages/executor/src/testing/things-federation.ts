import { GraphQLError, type FormattedExecutionResult } from 'graphql';
import { createExecutor, type Executor, type ExecutorContext, type ExecutorOptions } from '../executor.js';
import type { Logger } from '../shared/logger.js';
import { createEventQueue } from '../subscriptions/event-queue.js';
import type { SubscriptionSource, SubscriptionSources } from '../subscriptions/subscription-source.js';
import type { SubscriptionEnd, SubscriptionPayload, Subscriber } from '../subscriptions/subscriber.js';
import { createTestFederation, type TestFederation } from './test-federation.js';

/** What the subgraphs know of every thing: other than the events say, so that a test sees where a value is from. */
const KNOWN = { name: 'known', status: 'CLOSED', size: { width: 3, height: 3 } };
const ALL = [
  { ...KNOWN, id: '1' },
  { ...KNOWN, id: '2', status: 'OPEN' },
];
const PARTS = [
  { __typename: 'Bell', id: 'b1', tone: 'low' },
  { __typename: 'Lamp', id: 'l1', watts: 5 },
];
const part = ({ id }: { id: string }) => PARTS.find((each) => each.id === id);

/** Two subgraphs with most of what federation has. */
export const createThingsFederation = (): TestFederation =>
  createTestFederation({
    things: {
      typeDefs: `
        enum Status { OPEN CLOSED }
        interface Part { id: ID! }
        type Lamp implements Part @key(fields: "id") { id: ID! watts: Int }
        type Bell implements Part @key(fields: "id") { id: ID! tone: String }
        type Wind { speed: Int! }
        type Hand { who: String!, side(of: String): String }
        union Cause = Wind | Hand
        type Size { width: Int! height: Int! area(scale: Int! = 1): Int! }
        type Thing @key(fields: "id") {
          id: ID! name: String! status: Status! size: Size parts: [Part!] cause: Cause
          label(language: String): String
        }
        type Query { thing: Thing things: [Thing!]! }
        type Mutation { touch: Boolean }
        type Subscription {
          moved(id: ID, near: [Int!] = [1], status: Status): Thing
          seen: Thing!
          caused: Cause
          unmapped: Int
        }
      `,
      resolvers: {
        Query: { thing: () => ALL[0], things: () => ALL },
        Mutation: { touch: () => true },
        Thing: {
          __resolveReference: ({ id }: { id: string }) => (id === 'gone' ? null : { ...KNOWN, id }),
          label: ({ id }: { id: string }, { language }: { language?: string }) =>
            `${id} in ${language ?? 'any'}`,
          parts: () => PARTS,
        },
        Size: {
          area: ({ width, height }: typeof KNOWN.size, { scale }: { scale: number }) =>
            width * height * scale,
        },
        Lamp: { __resolveReference: part },
        Bell: { __resolveReference: part },
      },
    },
    notes: {
      typeDefs: `
        enum Status { OPEN CLOSED }
        type Thing @key(fields: "id") {
          id: ID! status: Status! @external
          verdict: String @requires(fields: "status")
          stickers(first: Int! = 1): [String!]
          broken: String
          promised: String!
        }
        type Lamp @key(fields: "id") { id: ID! stars: Int }
        type Query { notes: Int }
      `,
      resolvers: {
        Query: { notes: () => 7 },
        Thing: {
          verdict: ({ status }: { status: string }) => `it is ${status}`,
          stickers: (_: unknown, { first }: { first: number }) => ['a', 'b', 'c'].slice(0, first),
          broken: () => {
            throw new GraphQLError('The glue has dried.', { extensions: { code: 'DRY' } });
          },
          promised: () => null,
        },
        Lamp: { stars: () => 4 },
      },
    },
  });

export const silentLogger: Logger = { debug: () => undefined, warn: () => undefined, error: () => undefined };

/** A source that has given its events before anyone reads them. */
export const createFiniteSource = (...values: readonly unknown[]): SubscriptionSource<ExecutorContext> => ({
  subscribe(_, { signal }) {
    const queue = createEventQueue({
      signal,
      capacity: values.length,
      overflow: () => new GraphQLError('too many'),
    });
    for (const value of values) queue.push(value);
    queue.end();
    return queue;
  },
});

export const createTestExecutor = (
  federation: TestFederation,
  sources: SubscriptionSources<ExecutorContext> = {},
  options: Partial<ExecutorOptions<ExecutorContext>> = {},
): Executor<ExecutorContext> =>
  createExecutor({
    supergraphSdl: federation.supergraphSdl,
    createDataSource: (subgraph) => federation.dataSource(subgraph),
    subscriptionSources: sources,
    logger: silentLogger,
    ...options,
  });

/** What a subscriber has been given. */
export interface RecordingSubscriber {
  /** Parsed, as a client would. */
  readonly results: FormattedExecutionResult[];
  readonly payloads: SubscriptionPayload[];
  /** Resolves when the subscription has ended. */
  readonly ended: Promise<SubscriptionEnd>;
  readonly subscriber: Subscriber;
}

export function createRecordingSubscriber(): RecordingSubscriber {
  const answers: FormattedExecutionResult[] = [];
  const payloads: SubscriptionPayload[] = [];
  let end: (end: SubscriptionEnd) => void;
  const ended = new Promise<SubscriptionEnd>((resolve) => (end = resolve));
  return {
    results: answers,
    payloads,
    ended,
    subscriber: {
      next(payload) {
        payloads.push(payload);
        answers.push(JSON.parse(payload.json) as FormattedExecutionResult);
      },
      end: (why) => end(why),
      unsentBytes: 0,
    },
  };
}

/** Every answer of a subscription whose source ends, as a client would parse it. */
export async function collectSubscriptionResults(
  executor: Executor<ExecutorContext>,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<FormattedExecutionResult[]> {
  const prepared = executor.prepare({ query, variables });
  if ('errors' in prepared) throw new AggregateError(prepared.errors, prepared.errors.join('\n'));
  const heard = createRecordingSubscriber();
  executor.subscribe(prepared, {}, heard.subscriber);
  const { errors } = await heard.ended;
  if (errors) throw new AggregateError(errors, errors.map(({ message }) => message).join('\n'));
  return heard.results;
}
