// npm start: installs, builds and runs everything. This file must load on any Node, before dependencies are installed.
import { describeUnsupportedNode } from './shared/node-version.mjs';

const problem = describeUnsupportedNode(process.versions.node);
if (problem === undefined) {
  void import('./installation/start-installation.mjs').then(({ startInstallation }) => startInstallation());
} else {
  console.error(problem);
  process.exitCode = 1;
}
