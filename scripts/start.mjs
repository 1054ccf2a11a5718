// npm start: from a fresh clone to a running installation. What is loaded here must load on any Node, with nothing
// installed yet.
import { unsuitableNode } from './lib/node-version.mjs';

const fault = unsuitableNode(process.versions.node);
if (fault === undefined) {
  void import('./lib/start.mjs').then(({ start }) => start());
} else {
  console.error(fault);
  process.exitCode = 1;
}
