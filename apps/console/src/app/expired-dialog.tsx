import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '../design/button';
import { Dialog } from '../design/dialog';
import type { SignInSettings } from '../session/settings';
import { LinkHelp } from './sign-in-pages';

/** In front of the page when its session has ended. What the user has typed stays. */
function ExpiredDialog({ kind }: { readonly kind: SignInSettings['kind'] }) {
  const { t } = useLingui();
  return (
    <Dialog
      isOpen
      title={t`Your session has ended`}
      actions={
        <Button kind="primary" onClick={() => location.reload()}>
          {kind === 'oidc' ? <Trans>Sign in</Trans> : <Trans>Reload the page</Trans>}
        </Button>
      }
    >
      <p>
        <Trans>What you see is no longer updated. Sign in again to go on.</Trans>
      </p>
      {kind === 'link' && <LinkHelp />}
    </Dialog>
  );
}

export default ExpiredDialog;
