import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { unsuitableNode } from '../../node-version.mjs';
import { ROOT } from '../../root.mjs';

/**
 * Runs a tool. What is loaded here must load on any Node, with nothing installed yet.
 *
 * @param {() => Promise<{ main: (args: string[]) => Promise<void> }>} load
 * @param {{ installs?: boolean }} [options] whether it installs by itself what it needs
 */
export async function enter(load, { installs = false } = {}) {
  const fault = unsuitableNode(process.versions.node) ?? (installs ? undefined : notInstalled());
  if (fault === undefined) {
    const { main } = await load();
    await main(process.argv.slice(2));
  } else {
    console.error(fault);
    process.exitCode = 2;
  }
}

const notInstalled = () =>
  existsSync(join(ROOT, 'node_modules'))
    ? undefined
    : 'Nothing is installed here yet: run npm start, or npm ci, first.';
