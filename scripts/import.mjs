// npm run import: rules from a CSV file.
import { enter } from './lib/tools/cli/enter.mjs';

void enter(() => import('./lib/tools/import/main.mjs'));
