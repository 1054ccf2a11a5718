// The script `build` of each app and package: transpiles the one in the current folder.
import { transpileWorkspaces } from './install/build-services.mjs';
import { printError } from './shared/errors.mjs';

try {
  await transpileWorkspaces([process.cwd()]);
} catch (error) {
  printError(error);
  process.exitCode = 1;
}
