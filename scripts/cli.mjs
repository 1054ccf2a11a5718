// npm run import, export, ...: runs one command of the project. This file must load on any Node, before dependencies are
// installed.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeUnsupportedNode } from './shared/node-version.mjs';
import { PROJECT_FOLDER } from './shared/project-files.mjs';

/**
 * The commands by name. Those with `installs` install and build what they need; the others need a built project.
 *
 * @type {Readonly<Record<string, { load: () => Promise<(args: string[]) => Promise<void>>, installs?: boolean }>>}
 */
const COMMANDS = {
  demo: {
    load: async () => (await import('./commands/demo/demo-command.mjs')).runDemoCommand,
    installs: true,
  },
  dev: { load: async () => (await import('./commands/dev/dev-command.mjs')).runDevCommand, installs: true },
  export: { load: async () => (await import('./commands/export/export-command.mjs')).runExportCommand },
  import: { load: async () => (await import('./commands/import/import-command.mjs')).runImportCommand },
  maintenance: {
    load: async () => (await import('./commands/maintenance-command.mjs')).runMaintenanceCommand,
  },
  probe: { load: async () => (await import('./commands/probe/probe-command.mjs')).runProbeCommand },
  replay: { load: async () => (await import('./commands/replay/replay-command.mjs')).runReplayCommand },
  status: { load: async () => (await import('./commands/status/status-command.mjs')).runStatusCommand },
  token: { load: async () => (await import('./commands/token-command.mjs')).runTokenCommand },
};

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
const problem = command
  ? (describeUnsupportedNode(process.versions.node) ??
    (command.installs ? undefined : describeMissingBuild()))
  : `There is no command "${name}": use one of ${Object.keys(COMMANDS).join(', ')}.`;

if (command && problem === undefined) {
  const run = await command.load();
  await run(args);
} else {
  console.error(problem);
  process.exitCode = 2;
}

/** @returns {string | undefined} a message if the packages that commands import are missing */
function describeMissingBuild() {
  const isInstalled = existsSync(join(PROJECT_FOLDER, 'node_modules'));
  const isBuilt = existsSync(join(PROJECT_FOLDER, 'packages', 'contracts', 'dist'));
  if (isInstalled && isBuilt) return undefined;
  return `The project is not ${isInstalled ? 'built' : 'installed'}: run npm start, or npm ci and npm run build, first.`;
}
