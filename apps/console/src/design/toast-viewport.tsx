import { Toast } from '@base-ui/react/toast';
import { useLingui } from '@lingui/react/macro';
import { Icon } from './icon';
import styles from './toast-viewport.module.css';

/** The messages at the lower edge of the window. */
const ToastViewport = ({ manager }: { readonly manager: Toast.Provider.Props['toastManager'] }) => (
  <Toast.Provider toastManager={manager}>
    <Toast.Portal>
      <Toast.Viewport className={styles['viewport']}>
        <ToastList />
      </Toast.Viewport>
    </Toast.Portal>
  </Toast.Provider>
);

export default ToastViewport;

function ToastList() {
  const { t } = useLingui();
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className={styles['toast']}>
      <Toast.Content className={styles['content']}>
        <Toast.Description />
        <Toast.Close className={styles['close']} aria-label={t`Close`}>
          <Icon name="close" size={16} />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}
