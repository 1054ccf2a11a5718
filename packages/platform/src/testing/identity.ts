import type { IdentityService } from '../identity/identity-service.js';

/** For a test of something else: everybody is an operator, and of this installation. */
export const NO_IDENTITY: IdentityService = {
  required: false,
  authenticate: () => Promise.resolve({ id: 'olga', role: 'operator', expiresAt: Infinity }),
  isFromInstallation: () => true,
  assertFromInstallation: () => undefined,
  installationHeaders: {},
};
