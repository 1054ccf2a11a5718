import { createRedisNames } from '@seguridad-abc/contracts';
import type { ClientSlots, SessionCredentials } from '@seguridad-abc/executor';
import { createRedisClient, type Logger } from '@seguridad-abc/platform';
import type { GatewayConfig } from '../config.js';
import { createBadTokenThrottle, type BadTokenThrottle } from './bad-token-throttle.js';
import { createCallerShareRegistry, type CallerShareRegistry } from './caller-share-registry.js';
import { createRateLimiter, createRateResolver, type RateLimiter } from './rate-limiter.js';
import { createShareNames } from './share-names.js';
import { createShareSettlement } from './share-settlement.js';
import { createSlotLimits, createSlotRefusalCounts, type SessionWithShare } from './slot-limits.js';

/** A settlement that waits longer than this for Redis is given up. */
const REDIS_TIMEOUT_MS = 1_000;

/** The limits of what each caller, and each address, uses of a gateway. */
export interface ClientLimits {
  readonly registry: CallerShareRegistry;
  readonly rateLimiter: RateLimiter;
  readonly slots: ClientSlots<SessionWithShare>;
  readonly badTokens: BadTokenThrottle;
  /** Number of refusals by limit. */
  getRefusalCounts(): Readonly<Record<string, number>>;
  close(): void;
}

/**
 * @param installationSecret hides in Redis who the callers are
 * @param getAddressGroup returns what limits per address count as one address
 */
export function createClientLimits(
  config: GatewayConfig,
  installationSecret: string,
  getAddressGroup: (handshake: SessionCredentials) => string,
  logger: Logger,
): ClientLimits {
  const now = () => performance.now();
  const settlement = createShareSettlement({
    connect: () =>
      createRedisClient(config, 'rate limits', logger, {
        commandTimeout: REDIS_TIMEOUT_MS,
        autoResendUnfulfilledCommands: false,
      }),
    getName: createShareNames(createRedisNames(config.REDIS_PREFIX).callerSharePrefix, installationSecret),
    logger,
    now,
  });
  const registry = createCallerShareRegistry(createRateResolver(config));
  const rateLimiter = createRateLimiter(settlement, now);
  const refusalCounts = createSlotRefusalCounts();
  const badTokens = createBadTokenThrottle(config.MAX_BAD_TOKENS_PER_MINUTE, now);
  return {
    registry,
    rateLimiter,
    slots: createSlotLimits({ config, registry, rateLimiter, getAddressGroup, refusalCounts }),
    badTokens,
    getRefusalCounts: () => ({
      ...refusalCounts,
      cost: rateLimiter.refusalCount,
      bad_tokens: badTokens.refusalCount,
    }),
    close: () => settlement.close(),
  };
}
