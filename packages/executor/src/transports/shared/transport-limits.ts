/** Limits of `createClientTransports`. Sizes are in bytes, times in milliseconds. */
export interface TransportLimits {
  /** Maximum size of a decompressed request body, and of a WebSocket message. @default 1_048_576 // 1 MiB */
  readonly maxMessageBytes?: number;
  /**
   * JSON responses with at least as many characters are compressed if the client accepts it. 0 turns compression off. Streams of
   * results are never compressed.
   * @default 1_024
   */
  readonly minCompressedBytes?: number;
  /**
   * Maximum size of all documents that clients register as automatic persisted queries. The least recently used ones are
   * dropped. 0 turns automatic persisted queries off.
   * @default 16_777_216 // 16 MiB
   */
  readonly maxPersistedQueryBytes?: number;
  /** Maximum number of open WebSockets and response streams. @default 20_000 */
  readonly maxConnections?: number;
  /** Maximum number of operations that run at the same time on one WebSocket. @default 100 */
  readonly maxOperations?: number;
  /** A WebSocket with more unsent bytes than this is terminated. @default 16_777_216 // 16 MiB */
  readonly maxUnsentBytes?: number;
  /** A WebSocket that sends no `connection_init` within this time is closed with 4408. @default 3_000 */
  readonly initTimeoutMs?: number;
  /**
   * Interval of WebSocket pings and of SSE comments. A WebSocket that does not answer a ping before the next one is
   * terminated.
   * @default 12_000
   */
  readonly keepAliveMs?: number;
  /** Interval of heartbeats in a multipart stream. @default 5_000 // as in Apollo Router */
  readonly heartbeatMs?: number;
  /** A WebSocket without operations for this time is closed with 1000. @default 600_000 // 10 minutes */
  readonly idleTimeoutMs?: number;
  /** How long a shutdown waits for running queries and mutations on WebSockets. @default 3_000 */
  readonly closeTimeoutMs?: number;
}

/** All limits, with defaults filled in. */
export type ResolvedTransportLimits = Readonly<Required<TransportLimits>>;

/** Fills in the defaults. */
export const resolveTransportLimits = (limits: TransportLimits = {}): ResolvedTransportLimits => ({
  maxMessageBytes: 1_048_576,
  minCompressedBytes: 1_024,
  maxPersistedQueryBytes: 16_777_216,
  maxConnections: 20_000,
  maxOperations: 100,
  maxUnsentBytes: 16_777_216,
  initTimeoutMs: 3_000,
  keepAliveMs: 12_000,
  heartbeatMs: 5_000,
  idleTimeoutMs: 600_000,
  closeTimeoutMs: 3_000,
  ...limits,
});
