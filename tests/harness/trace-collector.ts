import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A span as a collector has received it. */
export interface CollectedSpan {
  /** The attribute `service.name` of its process. */
  readonly service: string;
  readonly name: string;
  /** As OTLP numbers them: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** 2 if it has failed. */
  readonly status: number;
}

export interface TraceCollector {
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
  close(): Promise<void>;
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A request of OTLP over HTTP with JSON: https://opentelemetry.io/docs/specs/otlp/#otlphttp */
interface ExportTraceRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<CollectedSpan, 'service' | 'attributes' | 'status' | 'links'> & {
        readonly attributes: readonly OtlpAttribute[];
        readonly links?: CollectedSpan['links'];
        readonly status?: { readonly code?: number };
      })[];
    }[];
  }[];
}

const readAttributes = (attributes: readonly OtlpAttribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

/** Starts an HTTP server that receives traces as an OpenTelemetry collector does: OTLP over HTTP, in JSON. It keeps them in memory. */
export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: CollectedSpan[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      for (const { resource, scopeSpans } of (body as ExportTraceRequest).resourceSpans) {
        const service = String(readAttributes(resource.attributes)['service.name']);
        for (const { attributes, status, links = [], ...span } of scopeSpans.flatMap((scope) => scope.spans))
          spans.push({
            ...span,
            service,
            links,
            attributes: readAttributes(attributes),
            status: status?.code ?? 0,
          });
      }
      response.writeHead(request.url === '/v1/traces' ? 200 : 404, { 'content-type': 'application/json' });
      response.end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}
