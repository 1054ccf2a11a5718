import type { ClientSlots, SessionCredentials, SlotPool } from '@seguridad-abc/executor';
import { ExpectedError } from '@seguridad-abc/platform';
import type { GatewayConfig } from '../config.js';
import type { CallerShare } from './caller-share.js';
import type { CallerShareRegistry } from './caller-share-registry.js';
import { createTooManyError, SOCKET_COST, type RateLimiter } from './rate-limiter.js';

/** A session that is accounted to a share. */
export interface SessionWithShare {
  readonly share: CallerShare | undefined;
}

/** Number of refusals for lack of a slot, by pool. */
export type SlotRefusalCounts = Record<'handshakes' | 'sockets' | 'operations' | 'subscriptions', number>;

export interface SlotLimitOptions {
  readonly config: Pick<
    GatewayConfig,
    | 'MAX_OPERATIONS_PER_CALLER'
    | 'MAX_SOCKETS_PER_CALLER'
    | 'MAX_SUBSCRIPTIONS_PER_CALLER'
    | 'MAX_HANDSHAKES_PER_ADDRESS'
  >;
  readonly registry: Pick<CallerShareRegistry, 'onRelease'>;
  readonly rateLimiter: Pick<RateLimiter, 'reserve' | 'take'>;
  /** Returns what limits per address count as one address. */
  readonly getAddressGroup: (handshake: SessionCredentials) => string;
  /** Counts refusals. */
  readonly refusalCounts?: SlotRefusalCounts;
}

export const createSlotRefusalCounts = (): SlotRefusalCounts => ({
  handshakes: 0,
  sockets: 0,
  operations: 0,
  subscriptions: 0,
});

/** A running operation usually ends soon. */
const OPERATION_WAIT_MS = 1_000;
const HANDSHAKE_WAIT_MS = 3_000;

/** Limits the sockets, operations and subscriptions of each caller in this gateway, and the handshakes of each address. */
export function createSlotLimits(options: SlotLimitOptions): ClientSlots<SessionWithShare> {
  const { config, registry, rateLimiter, getAddressGroup } = options;
  const { refusalCounts = createSlotRefusalCounts() } = options;
  const refuse = (pool: keyof SlotRefusalCounts, error: ExpectedError): never => {
    refusalCounts[pool] += 1;
    throw error;
  };

  const createPool = (
    acquire: (share: CallerShare, count: number) => void,
    release: (share: CallerShare, count: number) => void,
  ): SlotPool<SessionWithShare> => ({
    acquire({ share }, count) {
      if (share) acquire(share, count);
    },
    release({ share }, count) {
      if (!share) return;
      release(share, count);
      registry.onRelease(share);
    },
  });

  return {
    handshakes: createHandshakePool(config.MAX_HANDSHAKES_PER_ADDRESS, getAddressGroup, (error) =>
      refuse('handshakes', error),
    ),
    sockets: createPool(
      (share, count) => {
        const max = config.MAX_SOCKETS_PER_CALLER;
        if (share.openSockets + count > max) refuse('sockets', createTooManySocketsError(max));
        rateLimiter.take(share, SOCKET_COST);
        share.openSockets += count;
      },
      (share, count) => (share.openSockets -= count),
    ),
    operations: createPool(
      (share, count) => {
        const max = config.MAX_OPERATIONS_PER_CALLER;
        if (share.runningOperations + count > max) refuse('operations', createTooManyOperationsError(max));
        rateLimiter.reserve(share);
        share.runningOperations += count;
      },
      (share, count) => (share.runningOperations -= count),
    ),
    subscriptions: createPool(
      (share, count) => {
        const max = config.MAX_SUBSCRIPTIONS_PER_CALLER;
        if (share.subscriptionSlots + count > max)
          refuse('subscriptions', createTooManySubscriptionsError(max, count));
        share.subscriptionSlots += count;
      },
      (share, count) => (share.subscriptionSlots -= count),
    ),
  };
}

function createHandshakePool(
  maxPerAddress: number,
  getAddressGroup: (handshake: SessionCredentials) => string,
  refuse: (error: ExpectedError) => never,
): SlotPool<SessionCredentials> {
  const countByAddress = new Map<string, number>();
  return {
    acquire(handshake, count) {
      const address = getAddressGroup(handshake);
      const next = (countByAddress.get(address) ?? 0) + count;
      if (next > maxPerAddress) {
        refuse(
          createTooManyError(
            'TOO_MANY_CONNECTIONS',
            `Your address has more than ${maxPerAddress} WebSockets that have not sent connection_init.`,
            HANDSHAKE_WAIT_MS,
          ),
        );
      }
      countByAddress.set(address, next);
    },
    release(handshake, count) {
      const address = getAddressGroup(handshake);
      const next = (countByAddress.get(address) ?? 0) - count;
      if (next > 0) countByAddress.set(address, next);
      else countByAddress.delete(address);
    },
  };
}

const createTooManySocketsError = (max: number) =>
  new ExpectedError(
    'TOO_MANY_CONNECTIONS',
    `You have the maximum of ${max} open WebSockets. Close one first.`,
    { http: { status: 429 } },
  );

const createTooManyOperationsError = (max: number) =>
  createTooManyError(
    'TOO_MANY_OPERATIONS',
    `You already run the maximum of ${max} operations.`,
    OPERATION_WAIT_MS,
  );

const createTooManySubscriptionsError = (max: number, count: number) =>
  new ExpectedError(
    'TOO_MANY_SUBSCRIPTIONS',
    count > 1
      ? `This long subscription counts as ${count}, and you may run ${max}. Shorten it, or end others first.`
      : `You already run the maximum of ${max} subscriptions. End one first.`,
    { http: { status: 429 } },
  );
