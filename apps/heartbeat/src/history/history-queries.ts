import { createBadUserInputError } from '@seguridad-abc/platform';
import DataLoader from 'dataloader';
import type { HealthHistoryRepository, TransitionsByService } from '../db/health-repositories.js';
import type { HealthTransition } from '../domain/health-transitions.js';
import { calculateUptime, UPTIME_WINDOW_MS, type UptimeWindow } from '../domain/uptime.js';

const MAX_TRANSITIONS = 200;

/** Queries of the health history for one GraphQL request. Equal queries for several services share one SQL statement. */
export interface HealthHistoryQueries {
  /** The uptime in the window that ends now: 0..1, or null if no time was observed. */
  getUptime(service: string, window: UptimeWindow): Promise<number | null>;
  /**
   * The newest transitions of a service, newest first.
   * @param first 1 to 200
   * @throws ExpectedError BAD_USER_INPUT if `first` is out of range
   */
  getTransitions(service: string, first: number): Promise<HealthTransition[]>;
}

/** @param now wall-clock time of the request */
export function createHealthHistoryQueries(
  history: Pick<HealthHistoryRepository, 'findNewest' | 'findSince'>,
  now: number,
): HealthHistoryQueries {
  const getWindowLoader = createLoadersByArgument((services, window: UptimeWindow) =>
    history.findSince(services, now - UPTIME_WINDOW_MS[window]),
  );
  const getNewestLoader = createLoadersByArgument((services, first: number) =>
    history.findNewest(services, first),
  );

  return {
    async getUptime(service, window) {
      const transitions = await getWindowLoader(window).load(service);
      return calculateUptime(transitions, { from: now - UPTIME_WINDOW_MS[window], to: now }) ?? null;
    },
    async getTransitions(service, first) {
      if (first < 1 || first > MAX_TRANSITIONS) {
        const message = `first must be from 1 to ${MAX_TRANSITIONS}; it is ${first}.`;
        throw createBadUserInputError([{ path: ['first'], code: 'OUT_OF_RANGE', message }]);
      }
      return [...(await getNewestLoader(first).load(service))];
    },
  };
}

/**
 * Adds the transitions that a monitor has seen and not saved yet: while Redis is away, no monitor publishes them.
 * @param getUnsaved in recorded order
 */
export function addUnsavedTransitions(
  history: Pick<HealthHistoryRepository, 'findNewest' | 'findSince'>,
  getUnsaved: () => readonly HealthTransition[],
): Pick<HealthHistoryRepository, 'findNewest' | 'findSince'> {
  const addTo = async (
    find: () => Promise<TransitionsByService>,
    merge: (stored: readonly HealthTransition[], unsaved: readonly HealthTransition[]) => HealthTransition[],
  ): Promise<TransitionsByService> => {
    const unsaved = getUnsaved();
    const stored = await find();
    if (unsaved.length === 0) return stored;
    return new Map(
      [...stored].map(([name, transitions]) => {
        // One may have been saved meanwhile.
        const known = new Set(transitions.map(toKey));
        const added = unsaved.filter(
          (transition) => transition.service === name && !known.has(toKey(transition)),
        );
        return [name, merge(transitions, added)];
      }),
    );
  };
  return {
    findNewest: (services, limit) =>
      addTo(
        () => history.findNewest(services, limit),
        (stored, unsaved) => [...unsaved.toReversed(), ...stored].slice(0, limit),
      ),
    findSince: (services, from) =>
      addTo(
        () => history.findSince(services, from),
        (stored, unsaved) => [...stored, ...unsaved],
      ),
  };
}

const toKey = ({ from, to, at, reason }: HealthTransition): string => JSON.stringify([from, to, at, reason]);

/** Keeps one loader, which batches services, for each different argument. */
function createLoadersByArgument<Argument>(
  findTransitions: (services: readonly string[], argument: Argument) => Promise<TransitionsByService>,
) {
  const loaders = new Map<Argument, DataLoader<string, readonly HealthTransition[]>>();
  return (argument: Argument) => {
    const existing = loaders.get(argument);
    if (existing) return existing;
    const loader = new DataLoader<string, readonly HealthTransition[]>(async (services) => {
      const transitions = await findTransitions(services, argument);
      return services.map((service) => transitions.get(service) ?? []);
    });
    loaders.set(argument, loader);
    return loader;
  };
}
