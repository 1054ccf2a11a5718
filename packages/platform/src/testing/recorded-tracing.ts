import type { TraceSpan, TraceSpanOptions, Tracing } from '../tracing.js';

/** A span that {@link recordSpans} has started. */
export interface RecordedSpan extends Omit<TraceSpanOptions, 'attributes'> {
  name: string;
  readonly span: TraceSpan;
  attributes: Record<string, unknown>;
  errorType: string | undefined;
  hasEnded: boolean;
}

/** Creates tracing that keeps its spans in an array, in the order of their start. Their ids are their numbers: 1, 2, 3, … */
export function recordSpans(): { readonly tracing: Tracing; readonly spans: RecordedSpan[] } {
  const spans: RecordedSpan[] = [];
  const startSpan: Tracing['startSpan'] = (name, options) => {
    const spanId = String(spans.length + 1);
    const span: TraceSpan = {
      traceId: 'trace',
      spanId,
      isSampled: true,
      headers: { traceparent: `00-trace-${spanId}-01` },
      rename: (newName) => void (recorded.name = newName),
      setAttributes: (attributes) => void Object.assign(recorded.attributes, attributes),
      fail: (errorType) => void (recorded.errorType = errorType),
      end: () => void (recorded.hasEnded = true),
    };
    const recorded: RecordedSpan = {
      ...options,
      name,
      span,
      attributes: { ...options.attributes },
      errorType: undefined,
      hasEnded: false,
    };
    spans.push(recorded);
    return span;
  };
  return { spans, tracing: { startSpan, stop: () => Promise.resolve() } };
}
