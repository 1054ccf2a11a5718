import { recordSpans } from '@seguridad-abc/platform/testing';
import { Kind, parse, type OperationDefinitionNode } from 'graphql';
import { expect, test } from 'vitest';
import { createOperationTracing } from './operation-tracing.js';

const DOCUMENT = parse('query Secret { rules(filter: { userId: "ana" }) { totalCount } }');
const [OPERATION] = DOCUMENT.definitions as readonly OperationDefinitionNode[];

function setUp({ hasDocuments = false } = {}) {
  const { tracing, spans } = recordSpans();
  const startTrace = createOperationTracing({
    tracing,
    hasDocuments,
    getSubgraphUrl: (name) => (name === 'reports' ? 'http://127.0.0.1:4002/graphql' : undefined),
  });
  return { spans, startTrace };
}

test('spans of operations follow the semantic conventions', () => {
  const { spans, startTrace } = setUp();
  const trace = startTrace({ headers: { traceparent: 'client' }, transport: 'http', method: 'POST' });
  expect(OPERATION?.kind).toBe(Kind.OPERATION_DEFINITION);
  if (OPERATION) trace.setOperation(OPERATION, DOCUMENT);
  const fetchTrace = { subgraph: 'reports', kind: 'query', operationName: 'F', entityCount: 2 } as const;
  trace.startFetch(fetchTrace).end('TIMEOUT', undefined);
  trace.startFetch(fetchTrace).end(undefined, 'http://10.0.0.2:4002/graphql');
  trace.end({ status: 200 });
  expect(spans).toMatchObject([
    {
      name: 'query',
      kind: 'server',
      parent: { traceparent: 'client' },
      attributes: {
        'graphql.operation.type': 'query',
        'graphql.operation.name': 'Secret',
        'http.request.method': 'POST',
        'http.response.status_code': 200,
      },
      hasEnded: true,
    },
    {
      name: 'query',
      kind: 'client',
      parent: trace.span,
      attributes: { 'server.address': '127.0.0.1', 'server.port': 4002, 'graphql.operation.name': 'F' },
      errorType: 'TIMEOUT',
      hasEnded: true,
    },
    {
      kind: 'client',
      attributes: { 'server.address': '10.0.0.2', 'url.full': 'http://10.0.0.2:4002/graphql' },
      hasEnded: true,
    },
  ]);
});

test('spans carry documents only if a setting says it', () => {
  for (const hasDocuments of [false, true]) {
    const { spans, startTrace } = setUp({ hasDocuments });
    const trace = startTrace({ headers: {}, transport: 'http', method: 'POST' });
    if (OPERATION) trace.setOperation(OPERATION, DOCUMENT);
    expect(JSON.stringify(spans[0]?.attributes).includes('ana')).toBe(hasDocuments);
  }
});

test('the context of a WebSocket operation is in its extensions, or else in the handshake', () => {
  const { spans, startTrace } = setUp();
  const headers = { traceparent: 'handshake' };
  startTrace({ headers, transport: 'websocket', extensions: { traceparent: 'operation' } });
  startTrace({ headers, transport: 'websocket', extensions: { traceparent: 1 } });
  expect(spans.map(({ parent }) => parent)).toMatchObject([
    { traceparent: 'operation' },
    { traceparent: 'handshake' },
  ]);
});

test('the first error of a request names the failure', () => {
  const { spans, startTrace } = setUp();
  const error = new AggregateError([{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }]);
  startTrace({ headers: {}, transport: 'http', method: 'POST' }).end({ status: 400, error });
  expect(spans).toMatchObject([{ name: 'POST /graphql', errorType: 'GRAPHQL_PARSE_FAILED' }]);
});

test('an operation that is not sampled has no further spans, and subgraphs learn that', () => {
  const { tracing, spans } = recordSpans();
  const startTrace = createOperationTracing({
    tracing: {
      ...tracing,
      startSpan: (name, options) => ({ ...tracing.startSpan(name, options), isSampled: false }),
    },
    hasDocuments: true,
    getSubgraphUrl: () => undefined,
  });
  const trace = startTrace({ headers: {}, transport: 'http', method: 'POST' });
  if (OPERATION) trace.setOperation(OPERATION, DOCUMENT);
  trace.startPlanning()();
  const fetch = { subgraph: 'reports', kind: 'query', operationName: 'F', entityCount: 2 } as const;
  expect(trace.startFetch(fetch).headers).toEqual(trace.span.headers);
  expect(spans).toHaveLength(1);
});
