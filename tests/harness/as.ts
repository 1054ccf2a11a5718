import type { Actor } from '@seguridad-abc/contracts';
import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';
import { ask, type GraphQLAnswer } from './clients.js';
import type { Platform } from './platform.js';

/** One caller of a platform, over both ways in. */
export interface As {
  ask<Data = Record<string, unknown>>(
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<GraphQLAnswer<Data>>;
  /** The same operation over a WebSocket of the caller's. */
  askOverSocket<Data = Record<string, unknown>>(
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<GraphQLAnswer<Data>>;
  readonly socket: Client;
}

export async function as(platform: Platform, actor: Actor): Promise<As> {
  const authorization = await platform.authorization(actor);
  const socket = createClient({
    url: platform.socketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    retryAttempts: 0,
  });
  return {
    socket,
    ask: (query, variables = {}) => ask(platform.url, query, variables, { headers: { authorization } }),
    async askOverSocket<Data>(query: string, variables: Record<string, unknown> = {}) {
      for await (const answer of socket.iterate({ query, variables })) return answer as GraphQLAnswer<Data>;
      throw new Error('It was not answered.');
    },
  };
}
