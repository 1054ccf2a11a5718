import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from 'react-router';
import { Page } from '../design/page';
import { Notice } from '../design/states';

const StartLink = () => (
  <Link to="/">
    <Trans>To the start page</Trans>
  </Link>
);

/** The address belongs to another role. */
export function ForbiddenPage() {
  const { t } = useLingui();
  return (
    <Page title={t`Not for your account`}>
      <Notice icon="shield" title={<Trans>Your account cannot see this page</Trans>} action={<StartLink />}>
        <Trans>If you need it, ask the people who run this installation.</Trans>
      </Notice>
    </Page>
  );
}

/** No screen has the address. */
export function NotFoundPage() {
  const { t } = useLingui();
  return (
    <Page title={t`Page not found`}>
      <Notice icon="alert" title={<Trans>There is nothing at this address</Trans>} action={<StartLink />} />
    </Page>
  );
}
