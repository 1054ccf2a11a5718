import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { Logger } from './logger.js';
import type { CommonSettings } from './settings.js';

/** The role of a span in its trace, as OpenTelemetry defines it. */
export type TraceSpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** Attributes of a span. Those that are `undefined` are left out. */
export type TraceSpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * The trace context of W3C, as HTTP headers carry it.
 * @see https://www.w3.org/TR/trace-context/
 */
export interface TraceHeaders {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
}

/** One timed piece of work of a trace. */
export interface TraceSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Whether the trace is sampled. Spans of other traces are not exported. */
  readonly isSampled: boolean;
  /** Make this span the parent of spans in other processes. */
  readonly headers: Readonly<Record<string, string>>;
  rename(name: string): void;
  setAttributes(attributes: TraceSpanAttributes): void;
  /** Marks the work as failed. @param errorType the code of the error */
  fail(errorType: string): void;
  end(): void;
}

export interface TraceSpanOptions {
  readonly kind: TraceSpanKind;
  /** A span of this process, or the context that another process has sent. Invalid or absent: a new trace starts. */
  readonly parent: TraceSpan | TraceHeaders | undefined;
  readonly attributes?: TraceSpanAttributes;
  /** Spans of other traces that belong to this one. */
  readonly links?: readonly TraceSpan[];
}

/** Starts spans. It exists only while tracing is on. */
export interface Tracing {
  startSpan(name: string, options: TraceSpanOptions): TraceSpan;
  /** Exports the spans that wait, for at most 2 seconds. Never rejects. */
  stop(): Promise<void>;
}

/**
 * The span of the work that the current asynchronous context does: log lines carry its ids, and log entries its context. Empty while
 * tracing is off.
 */
export const activeSpanStorage = new AsyncLocalStorage<TraceSpan>();

/** Settings of {@link startTracing}. The OpenTelemetry SDK reads further standard variables from the environment itself. */
export type TracingSettings = Pick<
  CommonSettings,
  'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_EXPORTER_OTLP_PROTOCOL' | 'OTEL_SDK_DISABLED'
>;

/**
 * Starts the OpenTelemetry SDK if `OTEL_EXPORTER_OTLP_ENDPOINT` is set. Otherwise nothing of the SDK is loaded.
 * @param service the service's name; traces have `seguridad-<service>`, unless `OTEL_SERVICE_NAME` is set
 * @returns `undefined` if tracing is off
 */
export async function startTracing(
  service: string,
  settings: TracingSettings,
  logger: Logger,
): Promise<Tracing | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: protocol } = settings;
  if (endpoint === undefined || settings.OTEL_SDK_DISABLED) return undefined;
  const { createOpenTelemetryTracing } = await import('./open-telemetry.js');
  const tracing = createOpenTelemetryTracing(`seguridad-${service}`, protocol, logger);
  logger.info({ endpoint, protocol }, 'traces are exported');
  return tracing;
}

/**
 * Runs asynchronous work in a span: log lines, log entries and further spans of the work belong to it. The span ends with the work.
 * @param getErrorType names the error with which the work fails
 */
export async function runInSpan<Result>(span: TraceSpan, work: () => Promise<Result>): Promise<Result> {
  try {
    const result = await activeSpanStorage.run(span, work);
    span.end();
    return result;
  } catch (error) {
    endFailedSpan(span, error);
    throw error;
  }
}

/** Ends the span of work that has thrown an error. */
export function endFailedSpan(span: TraceSpan, error: unknown): void {
  span.fail(getTracedErrorType(error));
  span.end();
}

/** The trace context in the headers of a request. */
export const getTraceHeaders = ({ traceparent, tracestate }: IncomingHttpHeaders): TraceHeaders => ({
  traceparent: typeof traceparent === 'string' ? traceparent : undefined,
  tracestate: typeof tracestate === 'string' ? tracestate : undefined,
});

/** The trace context of a span, for a log entry or a message. `undefined` if its trace is not sampled: it would cost space only. */
export const getSampledTraceparent = (span: TraceSpan | undefined): string | undefined =>
  span?.isSampled === true ? span.headers['traceparent'] : undefined;

/** The `extensions.code` of an error, or the name of its class. Messages are not in traces, since they can contain personal data. */
export function getTracedErrorType(error: unknown): string {
  const { extensions, name } = (error ?? {}) as { extensions?: { code?: unknown }; name?: unknown };
  if (typeof extensions?.code === 'string') return extensions.code;
  return typeof name === 'string' ? name : 'Error';
}
