import { useCallback, useEffect, useState } from 'react';
import { openSession } from '../session/open-session';
import type { SignIn } from '../session/session';
import { loadSettings, type ConsoleSettings } from '../session/settings';
import { Console } from './console';
import { SignedOutPage, UnreachablePage } from './sign-in-pages';

const RETRY_INTERVAL_MS = 5_000;

type StartState =
  | { readonly phase: 'loading' }
  | { readonly phase: 'unreachable' }
  | { readonly phase: 'ready'; readonly settings: ConsoleSettings; readonly signIn: SignIn };

let running: Promise<StartState> | undefined;

/** A second call while one runs waits for the same answers: the code of an issuer works once. */
const loadStart = (): Promise<StartState> =>
  (running ??= readStart().finally(() => {
    running = undefined;
  }));

async function readStart(): Promise<StartState> {
  try {
    const settings = await loadSettings();
    return { phase: 'ready', settings, signIn: await openSession(settings.signIn) };
  } catch {
    return { phase: 'unreachable' };
  }
}

/** Loads settings and session, then shows the console or how to sign in. */
export function Start() {
  const [start, setStart] = useState<StartState>({ phase: 'loading' });
  const load = useCallback(() => void loadStart().then(setStart), []);
  useEffect(load, [load]);
  const isUnreachable = start.phase === 'unreachable';
  useEffect(() => {
    if (!isUnreachable) return undefined;
    const timer = setInterval(load, RETRY_INTERVAL_MS);
    return () => clearInterval(timer);
  }, [isUnreachable, load]);

  if (start.phase === 'loading') return null;
  if (start.phase === 'unreachable') return <UnreachablePage onRetry={load} />;
  const { settings, signIn } = start;
  if (signIn.state === 'signed-in') return <Console settings={settings} session={signIn.session} />;
  return <SignedOutPage signIn={settings.signIn} problem={signIn.problem} start={signIn.start} />;
}
