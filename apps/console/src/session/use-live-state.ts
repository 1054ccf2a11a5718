import { useSyncExternalStore } from 'react';
import type { LiveState } from '../api/live-connection';
import { useConsole } from './console-context';

/** Whether what the page shows follows the gateway now. */
export function useLiveState(): LiveState {
  const { live } = useConsole();
  return useSyncExternalStore(live.subscribe, live.getState);
}

function subscribeToNetwork(listener: () => void): () => void {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
}

/** Whether the browser has a network. */
export const useIsOnline = (): boolean => useSyncExternalStore(subscribeToNetwork, () => navigator.onLine);
