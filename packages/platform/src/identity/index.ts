export * from './caller.js';
export { EMBEDDED_ISSUER, issueEmbeddedToken } from './embedded-issuer.js';
export * from './identity-service.js';
export { INSTALLATION_HEADER, readInstallationSecret } from './installation-secret.js';
export { identitySettings, type IdentitySettings } from './identity-settings.js';
