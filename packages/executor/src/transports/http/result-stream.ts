import type { ServerResponse } from 'node:http';
import type { Subscriber, SubscriptionEnd } from '../../subscriptions/subscriber.js';
import { stringifyJson } from '../../shared/exact-json.js';
import type { IncrementalSpec } from './response-part-formats.js';
import { canResubscribeAfterErrors } from '../shared/error-responses.js';

/** How a protocol writes a stream of results into one HTTP response body. */
export interface StreamFormat {
  readonly contentType: string;
  /** Sent first, so that the client knows that its subscription is accepted. */
  readonly opening: string;
  /** Sent at an interval, so that proxies do not close an idle connection. `undefined` if the protocol has none. */
  readonly heartbeat: string | undefined;
  /**
   * @param json the text of one execution result
   * @param cursor a client resumes after the result with this text
   */
  formatResult(json: string, cursor?: string): string;
  formatEnd(end: SubscriptionEnd): string;
}

/** The `id` is what an EventSource sends as `Last-Event-ID` when it opens the stream again. */
const formatServerSentResult = (json: string, cursor?: string): string =>
  `${cursor !== undefined && isEventId(cursor) ? `id: ${cursor}\n` : ''}event: next\ndata: ${json}\n\n`;

/** A line break would end the field; with a null character the field is ignored. */
const isEventId = (cursor: string): boolean => cursor !== '' && !/[\0\r\n]/.test(cursor);

const SSE_COMMENT = ':\n\n';
/** The empty `data` is needed: EventSource ignores an event without it. */
const SSE_COMPLETE = 'event: complete\ndata:\n\n';

/**
 * GraphQL over SSE, distinct connections mode.
 * @see https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode
 */
export const serverSentEvents: StreamFormat = {
  contentType: 'text/event-stream; charset=utf-8',
  opening: SSE_COMMENT,
  heartbeat: SSE_COMMENT,
  formatResult: formatServerSentResult,
  formatEnd({ errors }) {
    if (!errors) return SSE_COMPLETE;
    const result = formatServerSentResult(stringifyJson({ errors }));
    // Without `complete` clients open the stream again.
    return canResubscribeAfterErrors(errors) ? result : result + SSE_COMPLETE;
  },
};

const MULTIPART_BOUNDARY = 'graphql';

/** Ends with the next delimiter, because clients deliver a part when they see the delimiter after it. */
const formatPart = (json: string): string =>
  `\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${json}\r\n--${MULTIPART_BOUNDARY}`;

/**
 * Apollo's multipart protocol for subscriptions.
 * @see https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
 */
export const multipart: StreamFormat = {
  contentType: `multipart/mixed;boundary="${MULTIPART_BOUNDARY}";subscriptionSpec=1.0`,
  opening: `\r\n--${MULTIPART_BOUNDARY}`,
  heartbeat: formatPart('{}'),
  formatResult: (json) => formatPart(`{"payload":${json}}`),
  formatEnd: ({ errors }) => (errors ? formatPart(stringifyJson({ payload: null, errors })) : '') + '--\r\n',
};

/**
 * Multipart responses with the parts of one operation.
 * @see https://www.apollographql.com/docs/graphos/routing/operations/defer
 */
export const createPartsFormat = (spec: IncrementalSpec): StreamFormat => ({
  contentType: `multipart/mixed;boundary="${MULTIPART_BOUNDARY}";${spec === '20220824' ? 'deferSpec' : 'incrementalSpec'}=${spec}`,
  opening: multipart.opening,
  heartbeat: undefined,
  formatResult: formatPart,
  formatEnd: () => '--\r\n',
});

/**
 * Starts the response with a stream of results. Writes after the client has disconnected are dropped without an error.
 * @param heartbeatMs interval of heartbeats
 */
export function openResultStream(
  response: ServerResponse,
  format: StreamFormat,
  heartbeatMs: number,
  addedHeaders: Readonly<Record<string, string>> = {},
): Subscriber {
  let hasEnded = false;
  const { heartbeat } = format;
  response.writeHead(200, {
    ...addedHeaders,
    'content-type': format.contentType,
    'cache-control': 'no-store, no-transform',
    // nginx and similar proxies would buffer events.
    'x-accel-buffering': 'no',
  });
  const write = (text: string) => {
    if (!hasEnded) response.write(text);
  };
  const timer = heartbeat === undefined ? undefined : setInterval(() => write(heartbeat), heartbeatMs);
  const finish = () => {
    hasEnded = true;
    clearInterval(timer);
  };
  response.once('close', finish);
  write(format.opening);

  return {
    next: ({ json, cursor }) => write(format.formatResult(json, cursor)),
    end(end) {
      if (hasEnded) return;
      finish();
      response.end(format.formatEnd(end));
    },
    get unsentBytes() {
      return response.writableLength;
    },
  };
}
