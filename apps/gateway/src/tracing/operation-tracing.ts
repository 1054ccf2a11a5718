import type {
  ArrivedOperation,
  EventTrace,
  ExecutionTrace,
  FetchTrace,
  OperationOutcome,
  OperationTrace,
  TracedFetch,
} from '@seguridad-abc/executor';
import {
  getTracedErrorType,
  getTraceHeaders,
  type TraceHeaders,
  type TraceSpan,
  type Tracing,
} from '@seguridad-abc/platform';
import {
  print,
  type DocumentNode,
  type FormattedExecutionResult,
  type OperationDefinitionNode,
} from 'graphql';

export interface OperationTracingOptions {
  readonly tracing: Tracing;
  /** Whether spans carry the documents of operations, which can contain personal data. */
  readonly hasDocuments: boolean;
  /** Returns the URL of a subgraph; undefined if it has none. */
  readonly getSubgraphUrl: (name: string) => string | undefined;
}

/**
 * Creates the hook that starts the trace of each operation. Names and attributes of spans follow the semantic conventions of
 * OpenTelemetry.
 * @see https://opentelemetry.io/docs/specs/semconv/graphql/graphql-spans/
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
export const createOperationTracing =
  (options: OperationTracingOptions) =>
  ({ headers, transport, method, extensions = {} }: ArrivedOperation): OperationSpan => {
    const httpAttributes = {
      'http.request.method': method,
      'http.route': '/graphql',
      'url.path': '/graphql',
    };
    const span = options.tracing.startSpan(
      transport === 'http' ? `${method ?? ''} /graphql` : 'GraphQL Operation',
      {
        kind: 'server',
        parent: readContext(extensions) ?? getTraceHeaders(headers),
        attributes:
          transport === 'http'
            ? httpAttributes
            : { 'network.protocol.name': 'websocket', 'url.path': '/graphql' },
      },
    );
    return new OperationSpan(span, options);
  };

/** A browser cannot set headers of a WebSocket, and the operations of one belong to several traces. */
function readContext({
  traceparent,
  tracestate,
}: Readonly<Record<string, unknown>>): TraceHeaders | undefined {
  if (typeof traceparent !== 'string') return undefined;
  return { traceparent, tracestate: typeof tracestate === 'string' ? tracestate : undefined };
}

const ignore = () => undefined;

/** The span of an operation, or of an event of a subscription, with the fetches that it causes. */
export class ExecutionSpan implements ExecutionTrace {
  /** Tells subgraphs that the trace is not sampled. To create spans that are not exported would take time. */
  private readonly unsampledFetch: FetchTrace | undefined;

  constructor(
    readonly span: TraceSpan,
    protected readonly options: OperationTracingOptions,
  ) {
    this.unsampledFetch = span.isSampled ? undefined : { headers: span.headers, end: ignore };
  }

  startFetch({ subgraph, kind, operationName, entityCount }: TracedFetch): FetchTrace {
    if (this.unsampledFetch) return this.unsampledFetch;
    const url = this.options.getSubgraphUrl(subgraph);
    const span = this.options.tracing.startSpan(kind, {
      kind: 'client',
      parent: this.span,
      attributes: {
        'graphql.operation.type': kind,
        'graphql.operation.name': operationName,
        'seguridad.subgraph': subgraph,
        'seguridad.entities': entityCount,
        'http.request.method': 'POST',
        ...getServerAttributes(url),
      },
    });
    return {
      headers: span.headers,
      end(errorCode, instance) {
        if (instance !== undefined) span.setAttributes(getServerAttributes(instance));
        if (errorCode !== undefined) span.fail(errorCode);
        span.end();
      },
    };
  }

  startEvent(traceparent: string, field: string): EventTrace {
    const span = this.options.tracing.startSpan(`deliver ${field}`, {
      kind: 'consumer',
      parent: { traceparent },
      attributes: { 'graphql.operation.type': 'subscription', 'seguridad.subscription.field': field },
      links: [this.span],
    });
    return new EventSpan(span, this.options);
  }
}

class EventSpan extends ExecutionSpan implements EventTrace {
  end(subscribers: number): void {
    this.span.setAttributes({ 'seguridad.subscribers': subscribers });
    this.span.end();
  }
}

/** The span of one operation of a client. */
export class OperationSpan extends ExecutionSpan implements OperationTrace {
  setOperation(operation: OperationDefinitionNode, document: DocumentNode): void {
    if (!this.span.isSampled) return;
    this.span.rename(operation.operation);
    this.span.setAttributes({
      'graphql.operation.type': operation.operation,
      'graphql.operation.name': operation.name?.value,
      ...(this.options.hasDocuments && { 'graphql.document': print(document) }),
    });
  }

  startPlanning(): () => void {
    if (!this.span.isSampled) return ignore;
    const span = this.options.tracing.startSpan('plan', { kind: 'internal', parent: this.span });
    return () => span.end();
  }

  /** Marks the operation as failed if its response has errors. */
  recordResult({ errors }: FormattedExecutionResult): void {
    const [error] = errors ?? [];
    if (error) this.span.fail(getTracedErrorType(error));
  }

  end({ status, error }: OperationOutcome): void {
    if (status !== undefined) this.span.setAttributes({ 'http.response.status_code': status });
    if (error !== undefined) {
      const [first] = error instanceof AggregateError ? (error.errors as readonly unknown[]) : [error];
      this.span.fail(getTracedErrorType(first));
    }
    this.span.end();
  }
}

const serverAttributes = new Map<string, Readonly<Record<string, string | number>>>();
/** Subgraphs of all supergraphs that were served. */
const MAX_REMEMBERED_URLS = 1_000;

/** The host and port of a URL, as attributes. Remembered, because it is read for each fetch. */
function getServerAttributes(url: string | undefined): Readonly<Record<string, string | number>> {
  if (url === undefined || !URL.canParse(url)) return {};
  const known = serverAttributes.get(url);
  if (known) return known;
  const { hostname, port, protocol } = new URL(url);
  const attributes = {
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
    'url.full': url,
  };
  if (serverAttributes.size < MAX_REMEMBERED_URLS) serverAttributes.set(url, attributes);
  return attributes;
}
