export * from './caller.js';
export { EMBEDDED_ISSUER, issueToken } from './embedded-issuer.js';
export * from './identity.js';
export { INSTALLATION_HEADER, installationSecret } from './installation.js';
export { identitySettings, type IdentitySettings } from './settings.js';
