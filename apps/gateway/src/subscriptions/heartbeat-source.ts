import { createHash } from 'node:crypto';
import type { ServiceHealth } from '@seguridad-abc/contracts';
import {
  createSourceEvent,
  type BackfillBatch,
  type EventQueue,
  type SourceEvent,
  type SubscriptionArguments,
  type SubscriptionSource,
} from '@seguridad-abc/executor';
import type { HealthCache } from '../health/health-cache.js';
import { createSubscriberQueue } from './subscriber-queue.js';
import {
  createInvalidCursorError,
  createSubscriptionCursors,
  type SubscriptionCursors,
} from './subscription-cursor.js';

interface HealthSubscriber {
  /** Null requests all services. */
  readonly requestedNames: readonly string[] | null;
  readonly queue: EventQueue<SourceEvent>;
  /** Undefined while the health is not known. The backfill then delivers the first statuses. */
  delivered: DeliveredStatuses | undefined;
}

/**
 * Provides the events of `Subscription.heartbeat`.
 *
 * The backfill delivers the current status of each requested service or, with a cursor, of each service whose status
 * differs from the cursor. Live events deliver each change. After a lost Redis connection was restored, every status is
 * delivered again, since changes may have been missed.
 * @param installationSecret all gateways of an installation accept the same cursors
 */
export function createHeartbeatSubscriptionSource(
  cache: Pick<HealthCache, 'keepUpdated' | 'onChange' | 'getServices' | 'waitForServices'>,
  installationSecret: string,
): SubscriptionSource {
  const cursors = createSubscriptionCursors('heartbeat', {
    secret: installationSecret,
    maxBytes: SERVICES_PER_CURSOR_SIZE * DIGEST_LENGTH,
    isDeterministic: true,
  });
  const subscribers = new Set<HealthSubscriber>();
  /** The first batch of all subscribers that request the same services and bring no cursor, by those services. */
  const initialBatches = new Map<string, BackfillBatch>();
  /** Rises with every change of the cache. */
  let position = 0;

  const toEvent = ({ service, deliveredStatuses }: ServiceStatusUpdate): SourceEvent =>
    createSourceEvent({
      value: service,
      cursor: cursors.seal(formatHealthCursor(deliveredStatuses)),
      position,
    });

  const deliverUpdates = (subscriber: HealthSubscriber, services: readonly ServiceHealth[]) => {
    const { delivered, requestedNames, queue } = subscriber;
    if (!delivered) {
      subscriber.delivered = toDeliveredStatuses(services, requestedNames);
      return;
    }
    for (const update of findServiceStatusUpdates(delivered, services, requestedNames)) {
      subscriber.delivered = update.deliveredStatuses;
      queue.push(toEvent(update));
    }
  };

  cache.onChange((mustResend) => {
    position += 1;
    initialBatches.clear();
    const services = cache.getServices();
    if (!services) return;
    for (const subscriber of subscribers) {
      if (mustResend) subscriber.delivered = new Map();
      deliverUpdates(subscriber, services);
    }
  });

  const getInitialBatch = (
    requestedNames: readonly string[] | null,
    services: readonly ServiceHealth[],
  ): BackfillBatch => {
    const key = JSON.stringify(requestedNames);
    let batch = initialBatches.get(key);
    if (!batch) {
      const updates = findServiceStatusUpdates(new Map(), services, requestedNames);
      batch = { events: updates.map(toEvent), upTo: position };
      initialBatches.set(key, batch);
    }
    return batch;
  };

  return {
    type: 'ServiceHealth',
    snapshot: '{ name status reason since lastBeatAt instances { id status version startedAt lastBeatAt } }',
    dependsOnCaller: false,
    resumeArgument: 'after',
    stateKey: getServiceName,
    subscribe(args, { signal }) {
      const queue = createSubscriberQueue<SourceEvent>(signal, ({ value }) => getServiceName(value));
      if (signal.aborted) return queue;
      const subscriber: HealthSubscriber = {
        requestedNames: getRequestedNames(args),
        queue,
        delivered: undefined,
      };
      signal.addEventListener('abort', () => subscribers.delete(subscriber), { once: true });
      subscribers.add(subscriber);
      cache.keepUpdated(signal);
      const services = cache.getServices();
      if (services) deliverUpdates(subscriber, services);
      return queue;
    },
    async *backfill(args, { after, signal }) {
      // Rejects an invalid cursor before the wait.
      const cursor = after === undefined || after === '' ? undefined : parseHealthCursor(cursors, after);
      const requestedNames = getRequestedNames(args);
      const services = await cache.waitForServices(signal);
      if (!cursor) {
        yield getInitialBatch(requestedNames, services);
        return;
      }
      const updates = findServiceStatusUpdates(
        resolveHealthCursor(cursor, services),
        services,
        requestedNames,
      );
      yield { events: updates.map(toEvent), upTo: position };
    },
  };
}

const getServiceName = (value: unknown): string => (value as ServiceHealth).name;

const getRequestedNames = ({ services }: SubscriptionArguments) =>
  (services as string[] | null | undefined) ?? null;

/** Characters of base64url per service: 48 bits. */
const DIGEST_LENGTH = 8;
const DIGESTS = /^(?:[\w-]{8})*$/;
/** Cursors of up to this many services have one length, those of up to twice as many another one. */
const SERVICES_PER_CURSOR_SIZE = 16;

/**
 * Formats delivered statuses as the content of a cursor: a digest per service. Every gateway can read it, since the
 * statuses come from the monitor.
 */
const formatHealthCursor = (delivered: DeliveredStatuses): string =>
  [...delivered].map(([name, statusKey]) => digestStatus(name, statusKey)).join('');

/**
 * @returns the digests in the cursor
 * @throws ExpectedError BAD_USER_INPUT or CURSOR_TOO_OLD
 */
function parseHealthCursor(cursors: SubscriptionCursors, cursor: string): ReadonlySet<string> {
  const content = cursors.open(cursor);
  if (!DIGESTS.test(content)) throw createInvalidCursorError();
  const digests = new Set<string>();
  for (let start = 0; start < content.length; start += DIGEST_LENGTH) {
    digests.add(content.slice(start, start + DIGEST_LENGTH));
  }
  return digests;
}

/** The statuses in `services` that the cursor's owner has received. */
const resolveHealthCursor = (
  digests: ReadonlySet<string>,
  services: readonly ServiceHealth[],
): DeliveredStatuses =>
  new Map(
    [...toDeliveredStatuses(services, null)].filter(([name, statusKey]) =>
      digests.has(digestStatus(name, statusKey)),
    ),
  );

const digestStatus = (name: string, statusKey: string): string =>
  createHash('sha256').update(`${name} ${statusKey}`).digest('base64url').slice(0, DIGEST_LENGTH);

/** The last status that a subscriber received of each service, by service name: the status and its start. */
export type DeliveredStatuses = ReadonlyMap<string, string>;

/** A service whose status a subscriber does not have yet. */
export interface ServiceStatusUpdate {
  readonly service: ServiceHealth;
  /** The subscriber's delivered statuses after this update. */
  readonly deliveredStatuses: DeliveredStatuses;
}

/**
 * Finds the updates that a subscriber needs, in the order of `services`: each requested service whose status differs
 * from the delivered one, or began again. A changed reason is not an update, and neither is a service that disappeared.
 * @param requestedNames null requests all services
 */
export function findServiceStatusUpdates(
  delivered: DeliveredStatuses,
  services: readonly ServiceHealth[],
  requestedNames: readonly string[] | null,
): readonly ServiceStatusUpdate[] {
  const updates: ServiceStatusUpdate[] = [];
  let deliveredStatuses = delivered;
  for (const service of services) {
    const statusKey = getStatusKey(service);
    if (!isRequested(service, requestedNames) || deliveredStatuses.get(service.name) === statusKey) continue;
    deliveredStatuses = new Map([...deliveredStatuses, [service.name, statusKey]]);
    updates.push({ service, deliveredStatuses });
  }
  return updates;
}

/**
 * The delivered statuses of a subscriber that has received all requested services.
 * @param requestedNames null requests all services
 */
export const toDeliveredStatuses = (
  services: readonly ServiceHealth[],
  requestedNames: readonly string[] | null,
): DeliveredStatuses =>
  new Map(
    services
      .filter((service) => isRequested(service, requestedNames))
      .map((service) => [service.name, getStatusKey(service)]),
  );

const isRequested = ({ name }: ServiceHealth, requestedNames: readonly string[] | null): boolean =>
  requestedNames === null || requestedNames.includes(name);

/** Equal in every gateway and after restarts, since both parts come from the monitor. */
const getStatusKey = ({ status, since }: ServiceHealth): string => `${status} ${since}`;
