import type { Logger } from './logger.js';
import type { CommonSettings } from './settings.js';
import type { Tracing } from './tracing.js';

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
