import './styles/tokens.css';
import './styles/base.css';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { i18n } from '@lingui/core';
import { I18nProvider } from '@lingui/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Start } from './app/start';
import { applyTheme, getTheme } from './app/theme';
import { activateLanguage, detectLanguage } from './languages/language';

const root = document.querySelector('#root');
if (!root) throw new Error('index.html has no element #root.');
applyTheme(getTheme());
await activateLanguage(detectLanguage());
createRoot(root).render(
  <StrictMode>
    <I18nProvider i18n={i18n}>
      {/* The Content-Security-Policy of the gateway allows no inline styles. */}
      <CSPProvider disableStyleElements>
        <Start />
      </CSPProvider>
    </I18nProvider>
  </StrictMode>,
);
