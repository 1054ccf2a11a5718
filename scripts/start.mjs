// npm start: installs, builds and runs everything. This file must load on any Node, before dependencies are installed.
import { describeUnsupportedNode } from './shared/node-version.mjs';

const nodeProblem = describeUnsupportedNode(process.versions.node);
import('./installation/start-installation.mjs')
  .then(({ startInstallation }) => startInstallation({ nodeProblem }))
  .catch((/** @type {unknown} */ error) => {
    // An old Node may not understand the modules that check the rest of the machine.
    if (nodeProblem === undefined) throw error;
    console.error(nodeProblem);
    process.exitCode = 1;
  });
