// npm run gateway, monitoring, reports or heartbeat: runs one built service in this process, so that signals reach it
// directly.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PROJECT_FOLDER } from './shared/project-files.mjs';

const name = process.argv[2] ?? '';
const main = join(PROJECT_FOLDER, 'apps', name, 'dist', 'main.js');

if (existsSync(main) && existsSync(join(PROJECT_FOLDER, 'node_modules'))) {
  process.chdir(PROJECT_FOLDER);
  await import(pathToFileURL(main).href);
} else {
  console.error(`apps/${name} is not built: run npm start, or npm ci and npm run build, first.`);
  process.exitCode = 1;
}
