import {
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';
import { parseTraceParent, TraceState } from '@opentelemetry/core';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { getErrorMessage } from './errors.js';
import type { Logger } from './logger.js';
import { SOFTWARE_VERSION } from './software-version.js';
import type { TraceHeaders, TraceSpan, TraceSpanAttributes, TraceSpanKind, Tracing } from './tracing.js';

/*
 * The only file that imports the OpenTelemetry SDK. `startTracing` imports it when tracing is on.
 */

/** How long a stop waits for the export of the last spans. */
const STOP_TIMEOUT_MS = 2_000;

const SPAN_KINDS: Readonly<Record<TraceSpanKind, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/**
 * Starts the OpenTelemetry SDK. Spans are exported in batches over HTTP, as OTLP. If the collector is away or slow, at most 2,048
 * spans wait (`OTEL_BSP_MAX_QUEUE_SIZE`), and further ones are dropped.
 * @param protocol `http/protobuf` or `http/json`
 */
export function createOpenTelemetryTracing(
  serviceName: string,
  protocol: 'http/protobuf' | 'http/json',
  logger: Logger,
): Tracing {
  const reportProblem = (message: string, ...details: readonly unknown[]) =>
    logger.warn(
      { reason: message, ...(details.length > 0 && { details }) },
      'problem with the export of traces',
    );
  const ignore = () => undefined;
  diag.setLogger(
    { error: reportProblem, warn: reportProblem, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': serviceName, 'service.version': SOFTWARE_VERSION }))
      // Of equal attributes, those of OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES count.
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [
      new BatchSpanProcessor(
        protocol === 'http/json' ? new JsonTraceExporter() : new ProtobufTraceExporter(),
      ),
    ],
  });
  const tracer = provider.getTracer('seguridad-abc', SOFTWARE_VERSION);

  return {
    startSpan(name, { kind, parent, attributes, links = [] }) {
      const span = tracer.startSpan(
        name,
        {
          kind: SPAN_KINDS[kind],
          ...(attributes && { attributes }),
          links: links.filter(isOpenTelemetrySpan).map(({ context }) => ({ context })),
        },
        toParentContext(parent),
      );
      return new OpenTelemetrySpan(span);
    },
    async stop() {
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((_, reject) => {
        const fail = () => reject(new Error(`the collector did not answer within ${STOP_TIMEOUT_MS} ms`));
        timer = setTimeout(fail, STOP_TIMEOUT_MS);
      });
      try {
        await Promise.race([provider.shutdown(), timeout]);
      } catch (error) {
        logger.warn({ reason: getErrorMessage(error) }, 'the last traces were not exported');
      }
      clearTimeout(timer);
    },
  };
}

class OpenTelemetrySpan implements TraceSpan {
  readonly context: SpanContext;

  constructor(private readonly span: Span) {
    this.context = span.spanContext();
  }

  get traceId(): string {
    return this.context.traceId;
  }

  get spanId(): string {
    return this.context.spanId;
  }

  get isSampled(): boolean {
    return (this.context.traceFlags & TraceFlags.SAMPLED) !== 0;
  }

  get headers(): Readonly<Record<string, string>> {
    const { traceId, spanId, traceState } = this.context;
    const state = traceState?.serialize() ?? '';
    return {
      traceparent: `00-${traceId}-${spanId}-${this.isSampled ? '01' : '00'}`,
      ...(state !== '' && { tracestate: state }),
    };
  }

  rename(name: string): void {
    this.span.updateName(name);
  }

  setAttributes(attributes: TraceSpanAttributes): void {
    this.span.setAttributes(attributes);
  }

  fail(errorType: string): void {
    this.span.setAttribute('error.type', errorType);
    this.span.setStatus({ code: SpanStatusCode.ERROR });
  }

  end(): void {
    this.span.end();
  }
}

const isOpenTelemetrySpan = (span: object): span is OpenTelemetrySpan => span instanceof OpenTelemetrySpan;

function toParentContext(parent: TraceSpan | TraceHeaders | undefined): Context {
  if (!parent) return ROOT_CONTEXT;
  if (isOpenTelemetrySpan(parent)) return trace.setSpanContext(ROOT_CONTEXT, parent.context);
  const { traceparent, tracestate } = parent as TraceHeaders;
  const context = traceparent === undefined ? null : parseTraceParent(traceparent);
  if (!context) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    ...context,
    isRemote: true,
    ...(tracestate !== undefined && { traceState: new TraceState(tracestate) }),
  });
}
