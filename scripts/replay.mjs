// npm run replay: readings from a CSV file.
import { enter } from './lib/tools/cli/enter.mjs';

void enter(() => import('./lib/tools/replay/main.mjs'));
