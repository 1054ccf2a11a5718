import { ApolloProvider } from '@apollo/client/react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { BrowserRouter } from 'react-router';
import { Toasts } from '../design/toasts';
import { ConsoleContext } from '../session/console-context';
import type { Session } from '../session/session';
import type { ConsoleSettings } from '../session/settings';
import { connectConsole, type ConsoleConnection } from './connect-console';
import { Shell } from './shell';

const ExpiredDialog = lazy(() => import('./expired-dialog'));

interface ConsoleProps {
  readonly settings: ConsoleSettings;
  readonly session: Session;
}

/** The console of a signed-in caller. */
export function Console({ settings, session }: ConsoleProps) {
  const [connection, setConnection] = useState<ConsoleConnection>();
  const [isExpired, setIsExpired] = useState(false);
  useEffect(() => {
    const opened = connectConsole(settings, session, () => setIsExpired(true));
    setConnection(opened);
    return () => opened.close();
  }, [settings, session]);

  if (!connection) return null;
  const { apolloClient, live } = connection;
  return (
    <ConsoleContext value={{ settings, session, live }}>
      <ApolloProvider client={apolloClient}>
        <BrowserRouter>
          <Shell />
        </BrowserRouter>
        <Toasts />
        {isExpired && (
          <Suspense>
            <ExpiredDialog kind={settings.signIn.kind} />
          </Suspense>
        )}
      </ApolloProvider>
    </ConsoleContext>
  );
}
