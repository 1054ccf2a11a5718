import type { Identity } from '../identity/identity.js';

/** For a test of something else: everybody is an operator, and of this installation. */
export const NO_IDENTITY: Identity = {
  required: false,
  callerOf: () => Promise.resolve({ id: 'olga', role: 'operator', expiresAt: Infinity }),
  isInstallation: () => true,
  assertInstallation: () => undefined,
  installationHeaders: {},
};
