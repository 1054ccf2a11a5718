// npm run probe: right and wrong requests, and whether each is answered as it must be.
import { enter } from './lib/tools/cli/enter.mjs';

void enter(() => import('./lib/tools/probe/main.mjs'));
