import { Trans, useLingui } from '@lingui/react/macro';
import { lazy, Suspense } from 'react';
import { NavLink, Navigate, Route, Routes } from 'react-router';
import { joinClassNames } from '../design/class-names';
import { Icon } from '../design/icon';
import { LoadingState } from '../design/states';
import { useIsIdle } from '../design/use-is-idle';
import { useConsole } from '../session/console-context';
import door from './door.svg';
import { ErrorBoundary } from './error-boundary';
import { LiveStatus } from './live-status';
import { ForbiddenPage, NotFoundPage } from './refusal-pages';
import { SCREENS } from './screens';
import styles from './shell.module.css';

const PRODUCT_NAME = 'Seguridad ABC';

/** The frame of all screens: brand, navigation, live state and menus. */
export function Shell() {
  const { session } = useConsole();
  const { role } = session.caller;
  const [startPage] = SCREENS.filter((screen) => screen.role === role);
  return (
    <div className={styles['shell']}>
      <a className={styles['skip']} href="#content">
        <Trans>Skip to content</Trans>
      </a>
      <header className={styles['header']}>
        <span className={styles['brand']}>
          <img src={door} alt="" width="28" height="28" />
          <span className={styles['name']}>{PRODUCT_NAME}</span>
        </span>
        <LiveStatus />
        <span className={styles['menus']}>
          <LateHeaderMenus />
        </span>
      </header>
      <Navigation />
      <main id="content" className={styles['content']} tabIndex={-1}>
        <ErrorBoundary>
          <Suspense fallback={<LoadingState />}>
            <Routes>
              <Route
                path="/"
                element={startPage ? <Navigate to={startPage.path} replace /> : <ForbiddenPage />}
              />
              {SCREENS.map(({ path, role: screenRole, Component }) => (
                <Route
                  key={path}
                  path={path}
                  element={screenRole === role ? <Component /> : <ForbiddenPage />}
                />
              ))}
              <Route path="*" element={<NotFoundPage />} />
            </Routes>
          </Suspense>
        </ErrorBoundary>
      </main>
    </div>
  );
}

const HeaderMenus = lazy(() => import('./header-menus'));

/** The menus are loaded after the screen: their library is a quarter of all scripts. */
const LateHeaderMenus = () =>
  useIsIdle() && (
    <Suspense>
      <HeaderMenus />
    </Suspense>
  );

function Navigation() {
  const { t, i18n } = useLingui();
  const { session } = useConsole();
  return (
    <nav className={styles['navigation']} aria-label={t`Main`}>
      <ul>
        {SCREENS.filter(({ role }) => role === session.caller.role).map(({ path, label, icon }) => (
          <li key={path}>
            <NavLink
              to={path}
              className={({ isActive }) => joinClassNames(styles['link'], isActive && styles['active'])}
            >
              <Icon name={icon} />
              {i18n._(label)}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
