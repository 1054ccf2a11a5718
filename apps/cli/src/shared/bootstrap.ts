/** What the bootstrap needs before anything is installed, and the start and the tests need later too. */
export {
  canInstallPackages,
  describeRunningStart,
  getAddonCacheFolder,
  hasToolchain,
  MISSING_REDIS,
  MISSING_TOOLCHAIN,
  REDIS_PROGRAMS,
  RUNNING_START_FILE,
  tryListen,
} from '../../../../scripts/bootstrap/prerequisites.mjs';
export { logProgress } from '../../../../scripts/bootstrap/install-packages.mjs';
export {
  loadEnvFile,
  PROJECT_FOLDER,
  readDefaultSettings,
  UserFacingError,
} from '../../../../scripts/bootstrap/project.mjs';
