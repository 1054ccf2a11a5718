import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { unsuitableNode } from '../../node-version.mjs';
import { ROOT } from '../../root.mjs';

/**
 * Runs a tool for an installation, which therefore is installed. What is loaded here must load on any Node, with nothing
 * installed yet.
 *
 * @param {() => Promise<{ main: (args: string[]) => Promise<void> }>} load
 */
export async function enter(load) {
  const fault = unsuitableNode(process.versions.node) ?? notInstalled();
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
