export interface TransportLimits {
  /** Of a request's body once it is unpacked, and of a WebSocket's message. @default 1_048_576 // 1 MiB */
  readonly maxMessageBytes?: number;
  /** WebSockets and event streams that are open at one time. @default 20_000 */
  readonly maxConnections?: number;
  /** Operations that run at one time on one WebSocket. @default 100 */
  readonly maxOperations?: number;
  /** A WebSocket that leaves so much unread is cut off. @default 16_777_216 // 16 MiB */
  readonly maxUnsentBytes?: number;
  /** A WebSocket without `connection_init` within this is closed with 4408. @default 3_000 // 3 seconds */
  readonly initTimeoutMs?: number;
  /** Between two signs of life. A WebSocket that answers none until the next is cut off. @default 12_000 // 12 seconds */
  readonly keepAliveMs?: number;
  /** Between two heartbeats of a multipart stream. @default 5_000 // 5 seconds, as Apollo Router has it */
  readonly heartbeatMs?: number;
  /** A WebSocket on which nothing runs for so long is closed with 1000. @default 600_000 // 10 minutes */
  readonly idleTimeoutMs?: number;
  /** How long a shutdown waits for what is being answered on WebSockets. @default 3_000 // 3 seconds */
  readonly closeTimeoutMs?: number;
}

export type Limits = Readonly<Required<TransportLimits>>;

export const withDefaults = (given: TransportLimits = {}): Limits => ({
  maxMessageBytes: 1_048_576,
  maxConnections: 20_000,
  maxOperations: 100,
  maxUnsentBytes: 16_777_216,
  initTimeoutMs: 3_000,
  keepAliveMs: 12_000,
  heartbeatMs: 5_000,
  idleTimeoutMs: 600_000,
  closeTimeoutMs: 3_000,
  ...given,
});
