/** What the bootstrap needs before anything is installed, and the start and the tests need later too. */
export {
  canInstallPackages,
  getAddonCacheFolder,
  hasToolchain,
  MISSING_REDIS,
  MISSING_TOOLCHAIN,
  REDIS_PROGRAMS,
  tryListen,
} from '../../../../scripts/bootstrap/prerequisites.mjs';
export { logProgress } from '../../../../scripts/bootstrap/install-packages.mjs';
export { loadEnvFile, PROJECT_FOLDER, UserFacingError } from '../../../../scripts/bootstrap/project.mjs';
