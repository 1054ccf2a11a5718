import { badUserInputError } from '@seguridad-abc/platform';
import DataLoader from 'dataloader';
import type { Transition } from '../domain/transition.js';
import { uptime } from '../domain/uptime.js';
import type { HistoryReader } from './history-store.js';
import { WINDOW_MS, type UptimeWindow } from './window.js';

const MAX_FIRST = 200;

/** What can be asked of the history, in one request: what is asked of many services is read together, and once. */
export interface HistoryQueries {
  /** 0..1, of the window that ends now; null where nothing was observed. */
  uptime(service: string, window: UptimeWindow): Promise<number | null>;
  /**
   * Newest first.
   * @throws ExpectedError BAD_USER_INPUT
   */
  transitions(service: string, first: number): Promise<Transition[]>;
}

type Transitions = readonly Transition[];

/** @param wall the moment of the request */
export function createHistoryQueries(reader: HistoryReader, wall: number): HistoryQueries {
  const since = loaders((services: readonly string[], window: UptimeWindow) =>
    reader.since(services, wall - WINDOW_MS[window]),
  );
  const newest = loaders((services: readonly string[], first: number) => reader.newest(services, first));

  return {
    async uptime(service, window) {
      const transitions = await since(window).load(service);
      return uptime(transitions, { from: wall - WINDOW_MS[window], to: wall }) ?? null;
    },
    async transitions(service, first) {
      if (first < 1 || first > MAX_FIRST) {
        const message = `first must be from 1 to ${MAX_FIRST}; it is ${first}.`;
        throw badUserInputError([{ path: ['first'], code: 'OUT_OF_RANGE', message }]);
      }
      return [...(await newest(first).load(service))];
    },
  };
}

/** A loader of services for each different argument. */
function loaders<Argument>(
  read: (services: readonly string[], argument: Argument) => Promise<ReadonlyMap<string, Transitions>>,
) {
  const made = new Map<Argument, DataLoader<string, Transitions>>();
  return (argument: Argument) => {
    const known = made.get(argument);
    if (known) return known;
    const loader = new DataLoader<string, Transitions>(async (services) => {
      const found = await read(services, argument);
      return services.map((service) => found.get(service) ?? []);
    });
    made.set(argument, loader);
    return loader;
  };
}
