import { useEffect, useState } from 'react';

/** Some browsers cannot tell when they are idle. */
const FALLBACK_DELAY_MS = 200;

/** Whether the browser has shown the screen and has nothing else to do: what the screen does not need can be loaded then. */
export function useIsIdle(): boolean {
  const [isIdle, setIsIdle] = useState(false);
  useEffect(() => {
    const finish = () => setIsIdle(true);
    if (typeof requestIdleCallback !== 'function') {
      const timer = setTimeout(finish, FALLBACK_DELAY_MS);
      return () => clearTimeout(timer);
    }
    const handle = requestIdleCallback(finish);
    return () => cancelIdleCallback(handle);
  }, []);
  return isIdle;
}
