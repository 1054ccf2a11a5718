// npm run maintenance: takes a service out of service, and back.
import { enter } from './lib/tools/cli/enter.mjs';

void enter(() => import('./lib/tools/maintenance/main.mjs'));
