// npm run export: alarms or rules as CSV.
import { enter } from './lib/tools/cli/enter.mjs';

void enter(() => import('./lib/tools/export/main.mjs'));
