import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { OperationTypeNode, type FormattedExecutionResult } from 'graphql';
import type { OperationContext } from '../../data-sources/data-source.js';
import { createLightAbortController, type AbortSignalLike } from '../../data-sources/light-abort-signal.js';
import type { Connections } from '../connections.js';
import { answer, prepare, type GraphQLEngine } from '../engine.js';
import { requestFault, type Faults } from '../faults.js';
import type { ClientRequest, TransportHooks, ClientSession } from '../hooks.js';
import type { Limits } from '../limits.js';
import { openHttpStream } from '../streams/http-stream.js';
import { multipart } from '../streams/multipart.js';
import { sse } from '../streams/sse.js';
import { createAcceptReader, type Accept, type StreamKind } from './accept.js';
import { readJson } from './body.js';
import { bodyParameters, searchParameters } from './parameters.js';
import { createPersistedQueries } from './persisted-queries.js';
import { requirePreflight } from './preflight.js';
import { sendJson, sendRefusal } from './send.js';
import { serveHttpSubscription } from './subscription.js';

export interface HttpHandlerOptions<Context extends OperationContext, S extends ClientSession> {
  readonly engine: GraphQLEngine<Context>;
  readonly hooks: TransportHooks<Context, S>;
  readonly faults: Faults;
  readonly limits: Limits;
  readonly connections: Connections;
  /** The page that a browser gets which opens the address. */
  readonly landingPage: (() => string) | undefined;
}

const FRAMINGS = { sse, multipart };

/** Answers GraphQL over HTTP: with JSON, or with a stream of results where the client takes one. */
export function createHttpHandler<Context extends OperationContext, S extends ClientSession>(
  options: HttpHandlerOptions<Context, S>,
): RequestListener {
  const { engine, hooks, faults, limits, connections, landingPage } = options;
  const acceptOf = createAcceptReader();
  const documentOf = createPersistedQueries();

  const openStream = (response: ServerResponse, kind: StreamKind) =>
    openHttpStream(response, {
      framing: FRAMINGS[kind],
      everyMs: kind === 'sse' ? limits.keepAliveMs : limits.heartbeatMs,
    });

  const streamOne = (response: ServerResponse, kind: StreamKind, result: FormattedExecutionResult) => {
    const stream = openStream(response, kind);
    stream.next({ json: JSON.stringify(result) });
    stream.end({});
  };

  /** @throws whatever is wrong with the request */
  const serve = async (request: IncomingMessage, response: ServerResponse, accept: Accept) => {
    const { method, headers } = request;
    if (method !== 'GET' && method !== 'POST') throw methodNotAllowed('GET, POST');
    const search = method === 'GET' ? searchOf(request) : undefined;
    if (landingPage && accept.html && search?.has('query') === false) {
      sendPage(response, landingPage());
      return;
    }
    requirePreflight(headers);
    if (!accept.json && !accept.stream) throw notAcceptable();
    const opened = hooks.createSession(request);
    const session = opened instanceof Promise ? await opened : opened;
    const parameters = search
      ? searchParameters(search)
      : bodyParameters(await readJson(request, limits.maxMessageBytes));
    const prepared = prepare(engine, { ...parameters, query: documentOf(parameters) });
    const kind = prepared.operation.operation;
    if (search && kind === OperationTypeNode.MUTATION) throw methodNotAllowed('POST');

    const { json, stream } = accept;
    const isSubscription = kind === OperationTypeNode.SUBSCRIPTION;
    if (isSubscription && !stream) throw streamNeeded();
    // Also for one result, where the client reads nothing else.
    const streamed = isSubscription || !json ? stream : undefined;
    const call: ClientRequest<S> = {
      headers,
      transport: streamed ?? 'http',
      session,
      request: prepared,
      extensions: parameters.extensions,
      signal: signalOf(response),
    };
    if (isSubscription && streamed) {
      const context = await hooks.createContext(call);
      serveHttpSubscription({
        request,
        response,
        session,
        connections,
        faults,
        open: () => openStream(response, streamed),
        subscribe: (subscriber) => engine.subscribe(prepared, context, subscriber),
      });
      return;
    }
    const { result, headers: added } = await answer(engine, hooks, call);
    if (streamed) streamOne(response, streamed, result);
    else if (json) {
      const status = result.data === undefined ? faults.statusOf(result.errors ?? []) : 200;
      sendJson(response, status, json, result, added);
    }
  };

  return (request, response) => {
    // What is written to a client that has gone is lost, and nobody's fault.
    response.on('error', ignore);
    const accept = acceptOf(request.headers.accept);
    serve(request, response, accept).catch((thrown: unknown) => {
      const refusal = faults.refuse(thrown, request);
      if (response.headersSent || response.destroyed) return;
      const { json, stream } = accept;
      // Who reads nothing but event streams is told there.
      if (refusal.isOperationFault && !json && stream === 'sse')
        streamOne(response, stream, { errors: refusal.errors });
      else sendRefusal(response, json ?? 'application/json', refusal);
    });
  };
}

const ignore = (): void => undefined;

function searchOf({ url = '' }: IncomingMessage): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
}

/** Aborted when the client goes before it has its answer. */
function signalOf(response: ServerResponse): AbortSignalLike {
  const aborter = createLightAbortController();
  response.on('close', () => {
    if (!response.writableFinished) aborter.abort();
  });
  return aborter.signal;
}

function sendPage(response: ServerResponse, page: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(page);
}

const methodNotAllowed = (allow: string) =>
  requestFault(405, 'METHOD_NOT_ALLOWED', `This can be asked for with ${allow} only.`, { allow });

const notAcceptable = () =>
  requestFault(
    406,
    'NOT_ACCEPTABLE',
    'Answers are of the type application/graphql-response+json, application/json, text/event-stream or ' +
      'multipart/mixed;subscriptionSpec=1.0: accept one of them.',
  );

const streamNeeded = () =>
  requestFault(
    406,
    'SUBSCRIPTION_NOT_SUPPORTED',
    'A subscription has more than one answer: accept text/event-stream or multipart/mixed;subscriptionSpec=1.0, or ' +
      'open a WebSocket with the sub-protocol graphql-transport-ws on this path.',
  );
