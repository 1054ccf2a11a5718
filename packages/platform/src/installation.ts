/**
 * What programs of one installation share beside its services: addresses, secrets, tokens and checks of files. Commands import
 * this entry point, because the whole package loads the server libraries, which takes longer than most commands.
 */
export * from './audit-chain.js';
export * from './data-folder-lock.js';
export { EMBEDDED_ISSUER_NAME, issueEmbeddedToken, type TokenSubject } from './embedded-issuer.js';
export * from './errors.js';
export * from './host-names.js';
export {
  INSTALLATION_SECRET_HEADER,
  readInstallationSecret,
  readOrCreateSecretFile,
} from './installation-secret.js';
export * from './run-with-timeout.js';
export { TIME_ZONE_DATA_VERSION } from './software-version.js';
export * from './sqlite-files.js';
export * from './supervision-messages.js';
