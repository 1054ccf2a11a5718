import { Toast } from '@base-ui/react/toast';
import { lazy, Suspense } from 'react';
import { useIsIdle } from './use-is-idle';

const toastManager = Toast.createToastManager();

/** Shows a message for some seconds. Screen readers read it out; `high` interrupts what they are reading. */
export const showToast = (message: string, priority: 'low' | 'high' = 'low'): void =>
  void toastManager.add({ description: message, priority });

const ToastViewport = lazy(() => import('./toast-viewport'));

/** The place of the messages. It is loaded after the screen. */
export const Toasts = () =>
  useIsIdle() && (
    <Suspense>
      <ToastViewport manager={toastManager} />
    </Suspense>
  );
