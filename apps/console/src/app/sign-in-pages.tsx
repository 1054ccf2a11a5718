import { Trans, useLingui } from '@lingui/react/macro';
import { useEffect, type ReactNode } from 'react';
import { Button } from '../design/button';
import type { SignInSettings } from '../session/settings';
import door from './door.svg';
import styles from './sign-in-pages.module.css';

const SIGN_IN_COMMAND = 'npm run -s sign-in';

function Card({ title, children }: { readonly title: ReactNode; readonly children: ReactNode }) {
  const { t } = useLingui();
  const windowTitle = t`Sign in`;
  useEffect(() => {
    document.title = `${windowTitle} · Seguridad ABC`;
  }, [windowTitle]);
  return (
    <main className={styles['page']}>
      <div className={styles['card']}>
        <img src={door} alt="" width="48" height="48" />
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}

/** How to get a link. */
export const LinkHelp = () => (
  <p>
    <Trans>
      In the folder of the project, run <code>{SIGN_IN_COMMAND}</code> and open the link that it prints.
    </Trans>
  </p>
);

interface SignedOutPageProps {
  readonly signIn: SignInSettings;
  /** A message of the gateway or the issuer. */
  readonly problem: string | undefined;
  /** Begins signing in at the issuer. */
  readonly start: (() => void) | undefined;
}

/** Shown to a browser that has not signed in. */
export const SignedOutPage = ({ signIn, problem, start }: SignedOutPageProps) => (
  <Card title="Seguridad ABC">
    {signIn.kind === 'none' ? (
      <p>
        <Trans>Nobody can sign in to this console yet:</Trans>
      </p>
    ) : (
      <p>
        <Trans>You are not signed in.</Trans>
      </p>
    )}
    {problem !== undefined && (
      <p role="alert" className={styles['problem']} lang="en">
        {problem}
      </p>
    )}
    {signIn.kind === 'link' && <LinkHelp />}
    {start && (
      <Button kind="primary" onClick={start}>
        <Trans>Sign in</Trans>
      </Button>
    )}
  </Card>
);

/** Shown if the gateway does not answer when the page loads. The page tries again by itself. */
export const UnreachablePage = ({ onRetry }: { readonly onRetry: () => void }) => (
  <Card title={<Trans>The gateway does not answer</Trans>}>
    <p role="status">
      <Trans>The page tries again every few seconds.</Trans>
    </p>
    <Button onClick={onRetry}>
      <Trans>Try again</Trans>
    </Button>
  </Card>
);
