/** What the bootstrap needs before anything is installed, and the start and the tests need later too. */
export {
  askYesNo,
  canInstallPackages,
  describeMissingRedis,
  describeMissingToolchain,
  findAptGet,
  findOnPath,
  findRedisProgram,
  tryListen,
} from '../../../../scripts/bootstrap/prerequisites.mjs';
export { loadEnvFile } from '../../../../scripts/bootstrap/project.mjs';
