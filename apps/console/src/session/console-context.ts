import { createContext, useContext } from 'react';
import type { LiveConnection } from '../api/live-connection';
import type { Session } from './session';
import type { ConsoleSettings } from './settings';

/** What all screens of a signed-in caller share, besides the GraphQL client. */
export interface ConsoleServices {
  readonly settings: ConsoleSettings;
  readonly session: Session;
  readonly live: Pick<LiveConnection, 'getState' | 'subscribe'>;
}

export const ConsoleContext = createContext<ConsoleServices | undefined>(undefined);

export function useConsole(): ConsoleServices {
  const services = useContext(ConsoleContext);
  if (!services) throw new Error('The component is not inside a ConsoleContext.');
  return services;
}
