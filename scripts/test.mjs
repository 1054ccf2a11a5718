// npm test: installs, builds and tests everything. This file must load on any Node, before dependencies are installed.
import { describeUnsupportedNode } from './shared/node-version.mjs';

const problem = describeUnsupportedNode(process.versions.node);
if (problem === undefined) {
  void import('./testing/run-tests.mjs').then(({ runTests }) => runTests(process.argv.slice(2)));
} else {
  console.error(problem);
  process.exitCode = 1;
}
