/** What the bootstrap needs before anything is installed, and the commands need later too. */
export {
  canInstallPackages,
  hasToolchain,
  MISSING_REDIS,
  MISSING_TOOLCHAIN,
  REDIS_PROGRAMS,
  tryListen,
} from '../../../../scripts/bootstrap/prerequisites.mjs';
export { PROJECT_FOLDER, readProjectFile, UserFacingError } from '../../../../scripts/bootstrap/project.mjs';
