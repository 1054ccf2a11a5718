import { cleanup, configure } from '@testing-library/react';
import { afterEach, beforeEach } from 'vitest';
import { activateLanguage } from '../languages/language';

// A screen is loaded when it is first shown, which takes long on a busy machine.
configure({ asyncUtilTimeout: 10_000 });

beforeEach(() => activateLanguage('en'));
afterEach(() => {
  cleanup();
  localStorage.clear();
});
