// npm run status: how a running installation does.
import { enter } from './lib/tools/cli/enter.mjs';

void enter(() => import('./lib/tools/status/main.mjs'));
