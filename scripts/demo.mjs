// npm run demo: the main job as a story, on a platform of its own.
import { enter } from './lib/tools/cli/enter.mjs';

void enter(() => import('./lib/tools/demo/main.mjs'), { installs: true });
