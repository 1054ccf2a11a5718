import { errors, Pool, type Dispatcher } from 'undici';
import { parseJson } from '../shared/exact-json.js';
import { isJsonObject } from '../shared/json.js';
import { SubgraphSubscriptionError, type FetchFailure, type SubgraphResponse } from './data-source.js';
import { decodeChunks, describeLocation, flattenHeaders } from './http-client.js';
import { createRotatingLookup } from './rotating-lookup.js';
import { createServerSentEventParser } from './server-sent-events.js';
import { readSubgraphErrors } from './subgraph-errors.js';
import { parseSubgraphResponse } from './subgraph-response.js';
import { SubscriptionFailure, toStatusFailure } from './subscription-failure.js';
import {
  readEventResponse,
  type OpenSubscriptionStream,
  type SubscriptionStart,
  type SubscriptionTarget,
} from './subscription-stream.js';

const FIXED_HEADERS: readonly string[] = [
  'content-type',
  'application/json',
  // Alone: graphql-sse does not negotiate.
  'accept',
  'text/event-stream',
];

/** Streams of server-sent events from one subgraph. */
export interface SseStreams {
  readonly open: OpenSubscriptionStream;
  /** Closes all connections. */
  close(): Promise<void>;
}

/**
 * Creates streams with the distinct connections mode of the GraphQL over SSE protocol: each subscription is a POST request. The
 * subgraph can give events an `id`. The last one is sent as `last-event-id` when the stream is opened again.
 * @see https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverSSE.md
 */
export function createSseStreams(target: SubscriptionTarget): SseStreams {
  const { url, secureContext, connectTimeoutMs } = target;
  const pool = new Pool(url.origin, {
    connections: null,
    connect: {
      timeout: connectTimeoutMs,
      lookup: createRotatingLookup(),
      ...(secureContext && { secureContext }),
    },
    headersTimeout: connectTimeoutMs,
    bodyTimeout: 0,
  });
  return {
    close: () => pool.destroy(),
    async *open(start) {
      const isAborted = () => start.signal.aborted;
      if (isAborted()) return;
      try {
        const response = await request(pool, target, start);
        const contentType = String(response.headers['content-type'] ?? '');
        if (response.statusCode < 300 && contentType.startsWith('text/event-stream')) {
          start.onConnected();
          yield* readEvents(response.body, target, start);
        } else {
          yield await readSingleResponse(response, target);
        }
      } catch (error) {
        if (isAborted()) return;
        throw toStreamError(error, target);
      }
    },
  };
}

function request(
  pool: Pool,
  { url }: SubscriptionTarget,
  { body, headers, traceHeaders, progress: { lastEventId }, signal }: SubscriptionStart,
): Promise<Dispatcher.ResponseData> {
  return pool.request({
    method: 'POST',
    path: url.pathname + url.search,
    headers: flattenHeaders(FIXED_HEADERS, [
      headers,
      traceHeaders,
      lastEventId ? { 'last-event-id': lastEventId } : undefined,
    ]),
    body,
    signal,
  });
}

/** The stream has ended without the event `complete`. */
const INTERRUPTED: FetchFailure = {
  kind: 'unreachable',
  cause: new Error('It ended the event stream without completing the subscription.'),
};

async function* readEvents(
  body: AsyncIterable<Buffer>,
  { name, maxMessageBytes }: SubscriptionTarget,
  { progress }: SubscriptionStart,
): AsyncGenerator<SubgraphResponse, void> {
  const parser = createServerSentEventParser(maxMessageBytes);
  let isFirst = true;
  for await (const chunk of body) {
    for (const { event, data } of parser.push(chunk)) {
      progress.lastEventId = parser.lastEventId || progress.lastEventId;
      if (event === 'complete') return;
      if (event !== 'next' && event !== 'message') continue;
      const result = parseEventData(data);
      // An operation that is not executed has no data, not even null.
      if (isFirst && isJsonObject(result) && !('data' in result)) throw createRejection(result['errors']);
      isFirst = false;
      yield readEventResponse(name, result);
    }
  }
  throw new SubscriptionFailure(INTERRUPTED);
}

const createRejection = (rejection: unknown): SubgraphSubscriptionError =>
  new SubgraphSubscriptionError(readSubgraphErrors(rejection) ?? [{ message: '' }]);

const parseEventData = (data: string): unknown => {
  try {
    return parseJson(data);
  } catch {
    return undefined;
  }
};

/** Reads a response that is not an event stream: the only result, or why the subgraph rejects the subscription. */
async function readSingleResponse(
  { statusCode, headers: { location }, body }: Dispatcher.ResponseData,
  { url, maxMessageBytes }: SubscriptionTarget,
): Promise<SubgraphResponse> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    byteCount += chunk.length;
    if (byteCount > maxMessageBytes) throw new RangeError('too large');
    chunks.push(chunk);
  }
  try {
    const response = parseSubgraphResponse(decodeChunks(chunks), undefined);
    if (response.data) return response;
    throw createRejection(response.errors);
  } catch (error) {
    if (error instanceof SubgraphSubscriptionError) throw error;
    throw new SubscriptionFailure(
      toStatusFailure(statusCode, typeof location === 'string' ? describeLocation(location, url) : undefined),
    );
  }
}

/** Explains an error of the connection. */
function toStreamError(error: unknown, { connectTimeoutMs, maxMessageBytes }: SubscriptionTarget): unknown {
  if (error instanceof SubscriptionFailure || error instanceof SubgraphSubscriptionError) return error;
  if (error instanceof RangeError) {
    return new SubscriptionFailure({ kind: 'response-too-large', maxBytes: maxMessageBytes });
  }
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.ConnectTimeoutError) {
    return new SubscriptionFailure({ kind: 'timeout', afterMs: connectTimeoutMs });
  }
  return new SubscriptionFailure({ kind: 'unreachable', cause: error });
}
