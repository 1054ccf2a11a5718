import { randomUUID } from 'node:crypto';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { subscribeAndResume } from '../../examples/react/src/subscribe-and-resume.js';
import type { GraphQLResult } from './graphql-clients.js';

/** Clients that use a gateway all the time. */
export interface ClientLoad {
  /** Rules that were created so far. */
  readonly createdIds: ReadonlySet<string>;
  /** Number of queries that were answered so far. */
  readonly queryCount: number;
  /** What clients have seen that is not a correct response. */
  readonly failures: readonly string[];
  /** Rules whose creation each subscriber was told, by transport. */
  readonly receivedIds: Readonly<Record<'webSocket' | 'serverSentEvents', ReadonlySet<string>>>;
  /** Ends the commands and queries. Resolves when all are answered. */
  stopRequests(): Promise<void>;
  /** Ends the subscriptions. */
  close(): void;
}

interface RuleChanged {
  readonly ruleChanged: { readonly rule: { readonly id: string } };
}

/** Requests of one kind that run at the same time. Few, so that services that start get a part of two cores. */
const CONCURRENCY = 2;
/** Short, so that a restart always meets requests that are just sent. */
const PAUSE_MS = 5;
const MAX_FAILURE_LENGTH = 300;
const RECONNECTION_DELAY_MS = 20;
const SUBSCRIPTION = `subscription ($after: String) { ruleChanged(after: $after) { rule { id } } }`;

/**
 * Starts clients: commands and queries over HTTP with connections that stay open, and subscribers over WebSocket and server-sent
 * events that resume.
 * @param origin of the gateway
 * @param isExpected whether a request that could not be sent is no failure
 */
export function startClientLoad(
  origin: string,
  authorization: string,
  isExpected: (error: unknown) => boolean = () => false,
): ClientLoad {
  const url = `${origin}/graphql`;
  const headers = { authorization };
  const createdIds = new Set<string>();
  const failures: string[] = [];
  const receivedIds = { webSocket: new Set<string>(), serverSentEvents: new Set<string>() };
  /** Names of rules are unique. */
  const run = randomUUID();
  let queryCount = 0;
  let isStopped = false;

  const execute = async <Data>(query: string, variables = {}): Promise<Data | undefined> => {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      const text = await response.text();
      const { data, errors } = JSON.parse(text) as GraphQLResult<Data>;
      if (!data || errors) failures.push(`${response.status} ${text.slice(0, MAX_FAILURE_LENGTH)}`);
      return data ?? undefined;
    } catch (error) {
      if (!isExpected(error)) failures.push(`${String(error)} ${String((error as Error).cause)}`);
      return undefined;
    }
  };
  const createRule = async (client: number, number: number) => {
    const input = {
      userId: 'load',
      name: `${run} ${client} ${number}`,
      opening: `Door ${client} ${number}`,
      maxOpenSeconds: 60,
    };
    const data = await execute<{ createRule: { rule: { id: string } } }>(
      'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id alarmCount } } }',
      { input },
    );
    if (data) createdIds.add(data.createRule.rule.id);
  };
  const readData = async () => {
    if (await execute('{ rules(first: 3) { totalCount nodes { id } } services { name } }')) queryCount += 1;
  };
  const repeat = async (send: (number: number) => Promise<void>) => {
    for (let number = 0; !isStopped; number += 1) {
      await send(number);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  const clients = Array.from({ length: CONCURRENCY }, (_, client) => [
    repeat((number) => createRule(client, number)),
    repeat(readData),
  ]).flat();

  const waitBeforeRetry = () => new Promise<void>((resolve) => setTimeout(resolve, RECONNECTION_DELAY_MS));
  const webSocketClient = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: headers,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: waitBeforeRetry,
  });
  const unsubscribe = subscribeAndResume<RuleChanged>(webSocketClient, SUBSCRIPTION, {
    next({ data }) {
      if (data) receivedIds.webSocket.add(data.ruleChanged.rule.id);
    },
    error: (error) => void failures.push(`WebSocket: ${JSON.stringify(error)}`),
    complete: () => void failures.push('WebSocket: completed'),
  });

  const sseClient = createSseClient({ url, headers, retryAttempts: Infinity, retry: waitBeforeRetry });
  const variables = { after: '' };
  const readEvents = async () => {
    while (!isClosed) {
      const subscription = sseClient.iterate<RuleChanged, { cursor?: string }>({
        query: SUBSCRIPTION,
        variables,
      });
      iterator = subscription;
      try {
        for await (const { data, extensions } of subscription) {
          if (extensions?.cursor !== undefined) variables.after = extensions.cursor;
          if (data) receivedIds.serverSentEvents.add(data.ruleChanged.rule.id);
        }
      } catch {
        // The stream was cut off: it resumes.
      }
      await waitBeforeRetry();
    }
  };
  let isClosed = false;
  let iterator: AsyncIterableIterator<unknown> | undefined;
  void readEvents();

  return {
    createdIds,
    get queryCount() {
      return queryCount;
    },
    failures,
    receivedIds,
    async stopRequests() {
      isStopped = true;
      await Promise.all(clients);
    },
    close() {
      isClosed = true;
      unsubscribe();
      void webSocketClient.dispose();
      sseClient.dispose();
      void iterator?.return?.();
    },
  };
}
