import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { Button } from './button';
import { Icon } from './icon';
import styles from './dialog.module.css';

interface DialogProps {
  readonly isOpen: boolean;
  /** Called when the user presses Escape, the close button or the page behind. Without it the dialog cannot be closed. */
  readonly onClose?: () => void;
  readonly title: ReactNode;
  readonly children: ReactNode;
  /** Buttons, the most important one last. */
  readonly actions?: ReactNode;
}

/** A window in front of the page. It holds the focus, and gives it back when it closes. On a phone it comes from below. */
export function Dialog({ isOpen, onClose, title, children, actions }: DialogProps) {
  const { t } = useLingui();
  return (
    <BaseDialog.Root open={isOpen} onOpenChange={(open) => !open && onClose?.()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={styles['backdrop']} />
        <BaseDialog.Popup className={styles['popup']}>
          <header className={styles['header']}>
            <BaseDialog.Title className={styles['title']}>{title}</BaseDialog.Title>
            {onClose && (
              <Button kind="quiet" onClick={onClose} aria-label={t`Close`}>
                <Icon name="close" />
              </Button>
            )}
          </header>
          <div className={styles['content']}>{children}</div>
          {actions !== undefined && <footer className={styles['actions']}>{actions}</footer>}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}
