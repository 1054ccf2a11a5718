import type { LookupFunction } from 'node:net';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, MessageType, validateMessage, type Message } from 'graphql-ws';
import { WebSocket, type ClientOptions, type RawData } from 'ws';
import { parseJson } from '../shared/exact-json.js';
import { SubgraphSubscriptionError, type FetchFailure, type SubgraphResponse } from './data-source.js';
import { createRotatingLookup } from './rotating-lookup.js';
import { describeLocation, flattenHeaders } from './http-client.js';
import { readSubgraphErrors } from './subgraph-errors.js';
import { SubscriptionFailure, toStatusFailure } from './subscription-failure.js';
import {
  readEventResponse,
  type OpenSubscriptionStream,
  type SubscriptionStart,
  type SubscriptionTarget,
} from './subscription-stream.js';

/*
 * The client of `graphql-ws` is not used: it reads integers beyond 2^53 as other numbers, and connects again without a pause
 * when a server closes with the code 1000.
 */

/** Events wait in the socket, and so in the subgraph, while this number of bytes is unread here. */
const MAX_UNREAD_BYTES = 262_144;

/** How often the connection is checked by a ping. It is broken if there is no answer until the next one. */
const PING_INTERVAL_MS = 15_000;

/** The id of the only operation of a socket. */
const OPERATION_ID = '1';

/**
 * Creates a function that starts subscriptions with the graphql-transport-ws sub-protocol, each on its own WebSocket. The
 * headers of the caller are sent with the handshake, and in the payload of `connection_init`.
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export const createGraphQLWsStreams = (target: SubscriptionTarget): OpenSubscriptionStream =>
  async function* openStream(start) {
    if (start.signal.aborted) return;
    const connection = new GraphQLWsConnection(target, start);
    try {
      for (;;) {
        const response = await connection.read();
        if (!response) return;
        yield response;
      }
    } finally {
      connection.close();
    }
  };

const lookup = createRotatingLookup();

/** One socket with one subscription. */
class GraphQLWsConnection {
  private readonly socket: WebSocket;
  private readonly unread: { readonly response: SubgraphResponse; readonly byteCount: number }[] = [];
  private unreadBytes = 0;
  private end: { readonly error?: Error } | undefined;
  private wakeReader: (() => void) | undefined;
  private timer: NodeJS.Timeout;
  private isUpgraded = false;
  private isAlive = true;
  private readonly cancel = (): void => this.close();

  constructor(
    private readonly target: SubscriptionTarget,
    private readonly start: SubscriptionStart,
  ) {
    const { url, connectTimeoutMs } = target;
    this.socket = new WebSocket(url, GRAPHQL_TRANSPORT_WS_PROTOCOL, createSocketOptions(target, start));
    this.timer = setTimeout(
      () => this.fail({ kind: 'timeout', afterMs: connectTimeoutMs }),
      connectTimeoutMs,
    );
    start.signal.addEventListener('abort', this.cancel);
    this.listen();
  }

  /** @returns the next event; `undefined` after the last one. @throws SubscriptionFailure or SubgraphSubscriptionError */
  async read(): Promise<SubgraphResponse | undefined> {
    while (this.unread.length === 0 && !this.end) {
      await new Promise<void>((resolve) => (this.wakeReader = resolve));
    }
    const next = this.unread.shift();
    if (!next) {
      if (this.end?.error) throw this.end.error;
      return undefined;
    }
    this.unreadBytes -= next.byteCount;
    if (this.socket.isPaused && this.unreadBytes < MAX_UNREAD_BYTES) this.socket.resume();
    return next.response;
  }

  /** Leaves the subscription and closes the socket. */
  close(): void {
    this.finish({});
    const { socket } = this;
    if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
    // A paused socket would not see the answer of the subgraph.
    else if (socket.isPaused) socket.resume();
    socket.close(1000);
  }

  private listen(): void {
    const { socket, target, start } = this;
    socket.on('upgrade', () => (this.isUpgraded = true));
    socket.on('unexpected-response', (request, { statusCode = 0, headers: { location } }) => {
      this.fail(
        toStatusFailure(
          statusCode,
          location === undefined ? undefined : describeLocation(location, target.url),
        ),
      );
      request.destroy();
    });
    socket.on('open', () => {
      const payload = Object.keys(start.headers).length > 0 ? start.headers : undefined;
      this.send({ type: MessageType.ConnectionInit, ...(payload && { payload }) });
    });
    socket.on('message', (data) => this.receive(data));
    socket.on('pong', () => (this.isAlive = true));
    socket.on('error', (error: Error & { code?: string }) => this.fail(this.explainError(error)));
    socket.on('close', (code, reason) => this.fail(explainClose(code, reason.toString())));
  }

  private receive(data: RawData): void {
    if (this.end) return;
    this.isAlive = true;
    // ws passes text messages as one Buffer.
    const bytes = data as Buffer;
    let message: Message;
    try {
      message = validateMessage(parseJson(bytes.toString('utf8')));
    } catch (error) {
      this.fail({ kind: 'invalid-response', reason: `It sent an invalid message: ${String(error)}` });
      return;
    }
    switch (message.type) {
      case MessageType.ConnectionAck:
        clearTimeout(this.timer);
        this.timer = setInterval(() => this.ping(), PING_INTERVAL_MS);
        this.socket.send(`{"id":"${OPERATION_ID}","type":"subscribe","payload":${this.start.body}}`);
        this.start.onConnected();
        return;
      case MessageType.Ping:
        this.send({ type: MessageType.Pong, ...(message.payload && { payload: message.payload }) });
        return;
      case MessageType.Next:
        this.unread.push({
          response: readEventResponse(this.target.name, message.payload),
          byteCount: bytes.length,
        });
        this.unreadBytes += bytes.length;
        if (this.unreadBytes >= MAX_UNREAD_BYTES) this.socket.pause();
        this.wakeReader?.();
        return;
      case MessageType.Error:
        this.finish({
          error: new SubgraphSubscriptionError(readSubgraphErrors(message.payload) ?? [{ message: '' }]),
        });
        return;
      case MessageType.Complete:
        this.finish({});
        return;
      default:
    }
  }

  private ping(): void {
    // The answer would not be read.
    if (this.socket.isPaused) return;
    if (!this.isAlive) {
      this.fail({ kind: 'unreachable', cause: new Error('It did not answer a ping.') });
      this.socket.terminate();
      return;
    }
    this.isAlive = false;
    this.socket.ping();
  }

  private explainError(error: Error & { code?: string }): FetchFailure {
    if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
      return { kind: 'response-too-large', maxBytes: this.target.maxMessageBytes };
    }
    // The subgraph has answered, but not with the sub-protocol.
    if (this.isUpgraded && this.socket.readyState === WebSocket.CONNECTING) {
      return { kind: 'invalid-response', reason: error.message };
    }
    return { kind: 'unreachable', cause: error };
  }

  private send(message: Message): void {
    this.socket.send(JSON.stringify(message));
  }

  private fail(failure: FetchFailure): void {
    this.finish({ error: new SubscriptionFailure(failure) });
  }

  /** The first end counts: an error closes the socket, which is a further one. */
  private finish(end: { readonly error?: Error }): void {
    if (this.end) return;
    this.end = end;
    clearInterval(this.timer);
    this.start.signal.removeEventListener('abort', this.cancel);
    this.wakeReader?.();
  }
}

function createSocketOptions(
  { secureContext, maxMessageBytes }: SubscriptionTarget,
  { headers, traceHeaders }: SubscriptionStart,
): ClientOptions & { readonly lookup: LookupFunction } {
  const flat = flattenHeaders([], [headers, traceHeaders]);
  const handshakeHeaders: Record<string, string> = {};
  for (let index = 0; index < flat.length; index += 2) {
    const name = flat[index] ?? '';
    if (!name.toLowerCase().startsWith('sec-websocket-')) handshakeHeaders[name] = flat[index + 1] ?? '';
  }
  return {
    headers: handshakeHeaders,
    lookup,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    ...(secureContext && { secureContext }),
  };
}

/** The close codes of the protocol after which a new connection can succeed: a handshake that took too long. */
const TRANSIENT_PROTOCOL_CODES: readonly number[] = [4408, 4504];

/** Explains why a subgraph has closed the socket of a running subscription. */
function explainClose(code: number, closeReason: string): FetchFailure {
  const reason = `It closed the WebSocket with the code ${code}${closeReason && ` (${closeReason})`}.`;
  if (code === 4401) return { kind: 'unauthenticated', reason };
  if (code === 4403) return { kind: 'forbidden', reason };
  const isFinal = code === 1002 || code === 1003 || (code >= 1007 && code <= 1010) || code >= 4000;
  return isFinal && !TRANSIENT_PROTOCOL_CODES.includes(code)
    ? { kind: 'invalid-response', reason }
    : { kind: 'unreachable', cause: new Error(reason) };
}
