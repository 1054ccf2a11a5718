// npm test: from a fresh clone to a verdict. What is loaded here must load on any Node, with nothing installed yet.
import { unsuitableNode } from './lib/node-version.mjs';

const fault = unsuitableNode(process.versions.node);
if (fault === undefined) {
  void import('./lib/test.mjs').then(({ test }) => test(process.argv.slice(2)));
} else {
  console.error(fault);
  process.exitCode = 1;
}
