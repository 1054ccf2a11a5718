// npm run dev: a running installation whose services follow what is changed.
import { enter } from './lib/tools/cli/enter.mjs';

void enter(() => import('./lib/tools/dev/main.mjs'), { installs: true });
