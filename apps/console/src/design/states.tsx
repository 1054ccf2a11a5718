import { Trans, useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { Button } from './button';
import { Icon, type IconName } from './icon';
import styles from './states.module.css';

interface NoticeProps {
  readonly icon: IconName;
  readonly title: ReactNode;
  readonly children?: ReactNode;
  /** What the user can do about it. */
  readonly action?: ReactNode;
}

/** What a screen shows in the place of data, with one sentence about it. */
export const Notice = ({ icon, title, children, action }: NoticeProps) => (
  <div className={styles['notice']}>
    <Icon name={icon} size={32} />
    <h2 className={styles['title']}>{title}</h2>
    {children !== undefined && <div className={styles['text']}>{children}</div>}
    {action}
  </div>
);

/** There is nothing to show, and that is no fault. */
export const EmptyState = (props: Omit<NoticeProps, 'icon'> & { readonly icon?: IconName }) => (
  <Notice icon="check" {...props} />
);

interface ErrorStateProps {
  readonly error: Error;
  readonly onRetry: () => void;
}

/** Data cannot be loaded. The message is that of the server. */
export const ErrorState = ({ error, onRetry }: ErrorStateProps) => (
  <div role="alert">
    <Notice
      icon="alert"
      title={<Trans>This cannot be shown now</Trans>}
      action={
        <Button onClick={onRetry}>
          <Trans>Try again</Trans>
        </Button>
      }
    >
      {error.message}
    </Notice>
  </div>
);

/** The shape of what is loading. It appears after a moment, so that fast answers do not flicker. */
export function LoadingState({ rows = 4 }: { readonly rows?: number }) {
  const { t } = useLingui();
  return (
    <div className={styles['loading']} role="status" aria-label={t`Loading`}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={styles['skeleton']} />
      ))}
    </div>
  );
}
