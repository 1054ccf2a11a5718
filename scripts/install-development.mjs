// Before the scripts of package.json that need development packages: installs these if npm start has left them out.
import { describeUnsupportedNode } from './shared/node-version.mjs';

const problem = describeUnsupportedNode(process.versions.node);
if (problem === undefined) {
  void import('./install/install-development.mjs').then(({ installDevelopment }) => installDevelopment());
} else {
  console.error(problem);
  process.exitCode = 1;
}
