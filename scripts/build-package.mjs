// The script `build` of each app and package: transpiles the one in the current folder.
import { UserFacingError } from './bootstrap/project.mjs';
import { transpileWorkspaces } from './bootstrap/transpile.mjs';

try {
  await transpileWorkspaces([process.cwd()]);
} catch (error) {
  console.error(error instanceof UserFacingError ? error.message : error);
  process.exitCode = 1;
}
