import type { Heartbeat } from '@seguridad-abc/contracts';
import type { CircuitBreakerState } from '@seguridad-abc/executor';
import { startHeartbeatSender, type HeartbeatSenderOptions } from '@seguridad-abc/platform';
import type { HealthCache } from './health-cache.js';

export interface HeartbeatLifecycleOptions {
  readonly cache: Pick<HealthCache, 'keepUpdated'>;
  readonly executor: {
    readonly subscriptionFields: readonly string[];
    readonly circuitBreakers: Readonly<Record<string, CircuitBreakerState>>;
  };
  /** Why the supergraph may be outdated, as one clause. `undefined` while it is current. */
  readonly getSupergraphProblem: () => string | undefined;
  /** The heartbeats of this gateway. */
  readonly heartbeats: Omit<HeartbeatSenderOptions, 'condition'>;
}

/** Sends this gateway's heartbeats and keeps its health cache updated, while the supergraph needs them. */
export interface HeartbeatLifecycle {
  /** Starts or stops the heartbeats and the health cache as the current supergraph requires. Call it after each reload. */
  update(): void;
  /** Sends a last heartbeat with status `stopping`. */
  stop(): Promise<void>;
}

/**
 * Creates a lifecycle that is active while the supergraph has the subscription field `heartbeat`. A supergraph of
 * another product then needs no Redis.
 */
export function createHeartbeatLifecycle(options: HeartbeatLifecycleOptions): HeartbeatLifecycle {
  const { cache, executor, getSupergraphProblem, heartbeats } = options;
  let leave: (() => Promise<void>) | undefined;

  const join = () => {
    const left = new AbortController();
    cache.keepUpdated(left.signal);
    const stopHeartbeats = startHeartbeatSender({
      ...heartbeats,
      condition: () => ({
        error: getSupergraphProblem(),
        others: listUnavailableSubgraphs(executor.circuitBreakers),
      }),
    });
    return async () => {
      left.abort();
      await stopHeartbeats();
    };
  };
  const stop = async () => {
    const leaveNow = leave;
    leave = undefined;
    await leaveNow?.();
  };
  return {
    update() {
      if (executor.subscriptionFields.includes('heartbeat')) leave ??= join();
      else void stop();
    },
    stop,
  };
}

const listUnavailableSubgraphs = (
  circuitBreakers: HeartbeatLifecycleOptions['executor']['circuitBreakers'],
): NonNullable<Heartbeat['others']> =>
  Object.entries(circuitBreakers)
    .filter(([, state]) => state !== 'closed')
    .map(([service, state]) => ({
      service,
      detail: `is temporarily unavailable (circuit breaker ${state})`,
    }));
