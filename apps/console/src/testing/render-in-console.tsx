import { ApolloClient, ApolloLink } from '@apollo/client';
import { ApolloProvider } from '@apollo/client/react';
import { MockLink, MockSubscriptionLink } from '@apollo/client/testing';
import { i18n } from '@lingui/core';
import { I18nProvider } from '@lingui/react';
import { render } from '@testing-library/react';
import { OperationTypeNode } from 'graphql';
import type { ReactNode } from 'react';
import { MemoryRouter } from 'react-router';
import { createConsoleCache } from '../api/cache';
import type { LiveState } from '../api/live-connection';
import { ConsoleContext } from '../session/console-context';
import type { Caller, Session } from '../session/session';
import type { ConsoleSettings } from '../session/settings';

const SETTINGS: ConsoleSettings = {
  signIn: { kind: 'link' },
  publicStatus: false,
  operationsById: false,
  developerPages: true,
};

interface RenderOptions {
  readonly caller?: Caller;
  readonly settings?: Partial<ConsoleSettings>;
  readonly path?: string;
  /** The answers of the gateway, in the order of the operations. */
  readonly answers?: readonly MockLink.MockedResponse[];
}

const createSession = (caller: Caller): Session => ({
  caller,
  getAuthorization: () => undefined,
  onRenewed: () => () => undefined,
  onExpired: () => () => undefined,
  isAccepted: () => Promise.resolve(true),
  signOut: () => Promise.resolve(),
});

/** Renders a part of the console as a signed-in caller sees it, with answers in place of a gateway. */
export function renderInConsole(ui: ReactNode, options: RenderOptions = {}) {
  const { caller = { id: 'olga', role: 'operator' }, settings = {}, path = '/', answers = [] } = options;
  const subscriptions = new MockSubscriptionLink();
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    subscriptions,
    new MockLink([...answers], { defaultOptions: { delay: 0 } }),
  );
  const client = new ApolloClient({ link, cache: createConsoleCache() });
  let state: LiveState = { status: 'connected', currentUntil: Date.now() };
  const listeners = new Set<() => void>();
  const live = {
    getState: () => state,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const view = render(
    <I18nProvider i18n={i18n}>
      <ConsoleContext
        value={{ settings: { ...SETTINGS, ...settings }, session: createSession(caller), live }}
      >
        <ApolloProvider client={client}>
          <MemoryRouter initialEntries={[path]}>{ui}</MemoryRouter>
        </ApolloProvider>
      </ConsoleContext>
    </I18nProvider>,
  );
  return {
    ...view,
    /** Sends a payload of the running subscription. */
    publish: (data: Record<string, unknown>) => subscriptions.simulateResult({ result: { data } }),
    setLiveState: (next: LiveState) => {
      state = next;
      for (const listener of listeners) listener();
    },
  };
}
