import { createRequire } from 'node:module';
import { expect, test, vi } from 'vitest';
import { recordLogs } from './testing/index.js';
import { activeSpanStorage, getSampledTraceparent, getTracedErrorType, startTracing } from './tracing.js';

/** Node.js keeps the modules of the SDK in this cache: they are CommonJS. prom-client loads the API, which does nothing. */
const listLoadedSdkFiles = () =>
  Object.keys(createRequire(import.meta.url).cache).filter((file) => /@opentelemetry\/(?!api\/)/.test(file));

const OFF = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_SDK_DISABLED: false } as const;
const ON = { ...OFF, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' } as const;

test('nothing of the OpenTelemetry SDK is loaded while tracing is off', async () => {
  const { logger } = recordLogs();
  await import('./index.js');
  expect(await startTracing('test', OFF, logger)).toBeUndefined();
  expect(await startTracing('test', { ...ON, OTEL_SDK_DISABLED: true }, logger)).toBeUndefined();
  expect(listLoadedSdkFiles()).toEqual([]);

  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', ON.OTEL_EXPORTER_OTLP_ENDPOINT);
  const tracing = await startTracing('test', ON, logger);
  expect(listLoadedSdkFiles().join()).toContain('@opentelemetry/sdk-trace-base');
  await tracing?.stop();
});

test('a span continues a valid context, and begins a trace without one', async () => {
  const tracing = await startTracing('test', ON, recordLogs().logger);
  if (!tracing) throw new Error('Tracing is off.');
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const start = (traceparent: string | undefined, tracestate?: string) =>
    tracing.startSpan('work', { kind: 'internal', parent: { traceparent, tracestate } });
  const sampled = start(`00-${traceId}-b7ad6b7169203331-01`, 'vendor=1');
  expect(sampled.headers).toEqual({
    traceparent: `00-${traceId}-${sampled.spanId}-01`,
    tracestate: 'vendor=1',
  });
  expect(getSampledTraceparent(sampled)).toBe(sampled.headers['traceparent']);
  expect(getSampledTraceparent(start(`00-${traceId}-b7ad6b7169203331-00`))).toBeUndefined();
  for (const invalid of [undefined, '', 'text', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`]) {
    const { isSampled, traceId: newTraceId } = start(invalid);
    expect(isSampled).toBe(true);
    expect(newTraceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
  }
  await tracing.stop();
});

test('log lines have the ids of the active span', async () => {
  const tracing = await startTracing('test', ON, recordLogs().logger);
  const span = tracing?.startSpan('work', { kind: 'internal', parent: undefined });
  if (!span) throw new Error('Tracing is off.');
  const { createLogger } = await import('./logger.js');
  const lines: string[] = [];
  const logger = createLogger('test', 'info', { write: (line) => void lines.push(line) });
  activeSpanStorage.run(span, () => logger.info('inside'));
  logger.info('outside');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ traceId: span.traceId, spanId: span.spanId });
  expect(lines[1]).not.toContain('traceId');
  await tracing?.stop();
});

test('the type of an error is its code or its class, never its message', () => {
  expect(getTracedErrorType({ extensions: { code: 'NOT_FOUND' }, message: 'ana' })).toBe('NOT_FOUND');
  expect(getTracedErrorType(new TypeError('ana'))).toBe('TypeError');
  expect(getTracedErrorType('ana')).toBe('Error');
});
