import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { Icon } from '../design/icon';
import { Menu, MenuChoice, MenuItem, MenuLink, MenuSeparator } from '../design/menu';
import { chooseLanguage, LANGUAGE_NAMES, LANGUAGES, type Language } from '../languages/language';
import { useConsole } from '../session/console-context';
import styles from './header-menus.module.css';
import { chooseTheme, getTheme, type Theme } from './theme';

/** The menus of the header. */
const HeaderMenus = () => (
  <>
    <HelpMenu />
    <UserMenu />
  </>
);

export default HeaderMenus;

/** The pages of the gateway for developers. */
function HelpMenu() {
  const { t } = useLingui();
  const { settings } = useConsole();
  if (!settings.developerPages) return null;
  return (
    <Menu label={t`Help`} trigger={<Icon name="help" />}>
      <MenuLink href="/graphiql">{'GraphiQL'}</MenuLink>
      <MenuLink href="/graphql">{'Apollo Sandbox'}</MenuLink>
    </Menu>
  );
}

/** Language, theme and signing out. */
function UserMenu() {
  const { t, i18n } = useLingui();
  const { settings, session } = useConsole();
  const [theme, setTheme] = useState(getTheme);
  const { id, role } = session.caller;
  return (
    <Menu
      label={t`Account: ${id}`}
      trigger={
        <>
          <Icon name="user" />
          <span className={styles['name']}>{id}</span>
        </>
      }
    >
      <p className={styles['caller']}>
        <strong>{id}</strong>
        <span>{role === 'operator' ? <Trans>Operator</Trans> : <Trans>Customer</Trans>}</span>
      </p>
      <MenuSeparator />
      <MenuChoice<Language>
        label={<Trans>Language</Trans>}
        value={i18n.locale as Language}
        onChange={(language) => void chooseLanguage(language)}
        options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value], lang: value }))}
      />
      <MenuSeparator />
      <MenuChoice<Theme>
        label={<Trans>Appearance</Trans>}
        value={theme}
        onChange={(chosen) => {
          chooseTheme(chosen);
          setTheme(chosen);
        }}
        options={[
          { value: 'system', label: <Trans>As on this device</Trans> },
          { value: 'light', label: <Trans>Light</Trans> },
          { value: 'dark', label: <Trans>Dark</Trans> },
        ]}
      />
      {settings.signIn.kind !== 'open' && (
        <>
          <MenuSeparator />
          <MenuItem onSelect={() => void session.signOut()}>
            <Trans>Sign out</Trans>
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
