// npm run gateway (likewise monitoring, reports, heartbeat): one built service in this process, in the foreground, so
// that signals reach it as they come.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './lib/root.mjs';

const name = process.argv[2] ?? '';
const main = join(ROOT, 'apps', name, 'dist', 'main.js');

if (existsSync(main) && existsSync(join(ROOT, 'node_modules'))) {
  process.chdir(ROOT);
  await import(pathToFileURL(main).href);
} else {
  console.error(`apps/${name} is not built: run npm start, or npm ci and npm run build, first.`);
  process.exitCode = 1;
}
