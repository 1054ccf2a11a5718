import { GraphQLError, parse, subscribe } from 'graphql';
import { SubgraphSubscriptionError, type DataSource } from '../data-sources/data-source.js';
import { createEventQueue, type EventQueue } from '../subscriptions/subscription-source.js';
import { createTestFederation, type TestFederation, type TestSubgraph } from './test-federation.js';

/** An article as the resolvers of the subgraph `news` know it. */
export interface Article {
  readonly __typename?: string;
  readonly id: string;
  readonly title?: string | null;
  readonly reads?: unknown;
}

/** The streams of articles that are open at the resolvers of the subgraph `news`. */
export interface ArticleStreams {
  /** Sends an article, or an error in its place, to all open streams. */
  push(article: Article | Error): void;
  /** Completes all open streams. */
  end(): void;
  /** The arguments of all streams that were opened. */
  readonly openedWith: object[];
  readonly openCount: number;
}

const TOO_MANY = new GraphQLError('Too many unread articles.');

/** Creates a subgraph whose subscription fields provide articles. Its resolvers get the request's headers as context. */
export function createNewsSubgraph(): { readonly subgraph: TestSubgraph; readonly streams: ArticleStreams } {
  const queues = new Set<EventQueue<Article | Error>>();
  const openedWith: object[] = [];
  const open = (_: unknown, args: object): AsyncIterable<Article | Error> => {
    openedWith.push(args);
    const controller = new AbortController();
    const queue = createEventQueue<Article | Error>({
      signal: controller.signal,
      capacity: 1_000,
      overflow: () => TOO_MANY,
    });
    queues.add(queue);
    const iterator = queue[Symbol.asyncIterator]();
    const close = () => {
      queues.delete(queue);
      return Promise.resolve({ done: true as const, value: undefined });
    };
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => iterator.next(),
        return() {
          controller.abort();
          return close();
        },
      }),
    };
  };
  return {
    streams: {
      openedWith,
      get openCount() {
        return queues.size;
      },
      push(article) {
        for (const queue of queues) queue.push(article);
      },
      end() {
        for (const queue of queues) queue.end();
        queues.clear();
      },
    },
    subgraph: {
      typeDefs: `
        interface Item @key(fields: "id") { id: ID! title: String }
        type Article implements Item @key(fields: "id") { id: ID! title: String reads: Float sourceIds: [ID!] }
        type Notice implements Item @key(fields: "id") { id: ID! title: String }
        type Query { news: Int }
        type Subscription { published(topic: String = "all", after: Int): Item latest: Article! }
      `,
      resolvers: {
        Query: { news: () => 1 },
        Item: { __resolveType: ({ __typename = 'Article' }: Article) => __typename },
        Article: { __resolveReference: ({ id }: Article) => ({ id, title: 'fetched later' }) },
        Subscription: {
          published: { subscribe: open, resolve: (article: Article | Error) => article },
          latest: { subscribe: open, resolve: (article: Article | Error) => article },
        },
      },
    },
  };
}

/** A second subgraph with fields of articles. `verdict` requires a field of the first one. */
export const REVIEWS_SUBGRAPH: TestSubgraph = {
  typeDefs: `
    type Article @key(fields: "id") {
      id: ID! title: String @external
      stars(scale: Int! = 1): Int
      verdict: String @requires(fields: "title")
    }
    type Query { reviews: Int }
  `,
  resolvers: {
    Article: {
      stars: (_: unknown, { scale }: { scale: number }) => 4 * scale,
      verdict: ({ title }: { title: string }) => `${title}: good`,
    },
  },
};

export interface NewsFederation extends TestFederation {
  readonly streams: ArticleStreams;
  /** The subscriptions that the subgraph has received. */
  readonly subscriptions: { readonly query: string; readonly variables: string; readonly headers: object }[];
}

/** Creates two subgraphs in this process. The data source of `news` can subscribe. */
export function createNewsFederation(): NewsFederation {
  const { subgraph, streams } = createNewsSubgraph();
  const federation = createTestFederation({ news: subgraph, reviews: REVIEWS_SUBGRAPH });
  const subscriptions: { query: string; variables: string; headers: object }[] = [];
  const schema = federation.schemas.get('news');
  if (!schema) throw new Error('The federation has no subgraph news.');
  const subscribeAtNews: DataSource['subscribe'] = async function* subscribeAtNews(
    { operation: { query }, variables },
    { headers, signal },
  ) {
    subscriptions.push({ query, variables, headers: headers?.() ?? {} });
    const stream = await subscribe({
      schema,
      document: parse(query),
      variableValues: JSON.parse(variables) as Record<string, unknown>,
    });
    if ('errors' in stream) throw new SubgraphSubscriptionError(stream.errors.map((each) => each.toJSON()));
    if (!(Symbol.asyncIterator in stream)) return;
    signal.addEventListener('abort', () => void stream.return(undefined));
    for await (const { data, errors } of stream) {
      yield { data: data ?? null, ...(errors && { errors: errors.map((error) => error.toJSON()) }) };
    }
  };
  return {
    ...federation,
    streams,
    subscriptions,
    dataSource: (service) => ({
      ...federation.dataSource(service),
      ...(service.name === 'news' && { subscribe: subscribeAtNews }),
    }),
  };
}
