import type { LogEntry } from '@seguridad-abc/contracts';
import { endFailedSpan, type TraceSpan, type TraceSpanKind, type Tracing } from './tracing.js';

/** What a batch of log entries goes through, after the semantic conventions of OpenTelemetry for messaging. */
export interface LogEntryWork {
  readonly name: string;
  /** The name of the Redis Stream. */
  readonly stream: string;
  readonly kind: Extract<TraceSpanKind, 'producer' | 'consumer'>;
  readonly operation: 'send' | 'process';
}

/** The span of the entries of one commit. */
export interface LogEntrySpan {
  readonly span: TraceSpan;
  /** The positions of the entries. */
  readonly positions: readonly number[];
}

/** Starts spans for a batch of log entries: one for each commit that was traced, as its child. One commit can append 10,000 entries. */
export function startEntrySpans(
  tracing: Tracing,
  entries: readonly LogEntry[],
  { name, stream, kind, operation }: LogEntryWork,
): readonly LogEntrySpan[] {
  const positionsByContext = new Map<string, number[]>();
  for (const { traceparent, position } of entries) {
    if (traceparent === undefined) continue;
    const positions = positionsByContext.get(traceparent);
    if (positions) positions.push(position);
    else positionsByContext.set(traceparent, [position]);
  }
  return [...positionsByContext].map(([traceparent, positions]) => ({
    positions,
    span: tracing.startSpan(name, {
      kind,
      parent: { traceparent },
      attributes: {
        'messaging.system': 'redis',
        'messaging.destination.name': stream,
        'messaging.operation.type': operation,
        'messaging.batch.message_count': positions.length,
        'seguridad.log.position': positions[0],
      },
    }),
  }));
}

/** Ends spans together with the work that they describe. */
export async function endSpansWith<Result>(
  spans: readonly LogEntrySpan[],
  work: Promise<Result>,
): Promise<Result> {
  try {
    const result = await work;
    for (const { span } of spans) span.end();
    return result;
  } catch (error) {
    for (const { span } of spans) endFailedSpan(span, error);
    throw error;
  }
}
